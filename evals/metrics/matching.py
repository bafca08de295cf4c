"""Does a passage hold the gold answer?

Both texts are reduced to words: NFKC, case folded, soft hyphens and zero-width characters dropped, HTML
tags, template braces and link targets dropped (their labels stay), everything that is neither letter nor
digit a separator.

- A short answer (fewer than ``LONG`` words) is held when its words, written together, stand in the passage's
  words written together, from the beginning of a word to the end of one: "e-mail" is found in "email",
  "no" is not found in "note".
- A long answer is held when the passage has ``SHARE`` of the answer's different 5-word sequences, but at
  most ``ENOUGH`` of them: of a whole section a passage of some 50 words is enough.

Weak points.  A short answer ("yes", "2019") is found by chance, and more often the longer the passages, which is
why the characters returned are reported beside every figure.  A paraphrase is never found, so answers that
people wrote in their own words are not counted at all (``holds`` must be true of a relevant document first).
Passages of fewer than 50 words can fail on answers that are whole sections.  A passage that repeats the
answer elsewhere in the corpus counts as right.
"""

import html
import itertools
import math
import re
import unicodedata

LONG = 12
GRAM = 5
SHARE = 0.6
ENOUGH = 45

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)|\]\[[^\]]*\]")
_URL = re.compile(r"\bhttps?://\S+")
# A character of a script written without spaces is a word of its own, or a sentence would be one word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u9fff]+")


def words(text: str) -> list[str]:
    """The text's words as they are compared."""
    plain = unicodedata.normalize("NFKC", html.unescape(text)).translate(_INVISIBLE)
    # Replaced by nothing, not by a space: a template often begins a link's target, which must stay one word.
    plain = _TEMPLATE.sub("", plain)
    for markup in (_TAG, _LINK, _URL):
        plain = markup.sub(" ", plain)
    return _WORD.findall(plain.casefold())


def grams(sequence: list[str]) -> set[tuple[str, ...]]:
    """The different ``GRAM``-word sequences."""
    return {tuple(sequence[start : start + GRAM]) for start in range(len(sequence) - GRAM + 1)}


def holds(passage: str, answer: str) -> bool:
    """Whether ``passage`` holds ``answer``; an answer without any word is held by nothing."""
    wanted, given = words(answer), words(passage)
    if not wanted:
        return False
    if len(wanted) < LONG:
        return _stands_in(wanted, given)
    gold = grams(wanted)
    return len(gold & grams(given)) >= math.ceil(min(SHARE * len(gold), ENOUGH))


def _stands_in(wanted: list[str], given: list[str]) -> bool:
    needle, text = "".join(wanted), "".join(given)
    edges = set(itertools.accumulate(map(len, given), initial=0))
    start = text.find(needle)
    while start >= 0:
        if start in edges and start + len(needle) in edges:
            return True
        start = text.find(needle, start + 1)
    return False
