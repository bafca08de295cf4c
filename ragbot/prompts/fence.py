"""Telling a model what is data: passages and question between tags that nothing inside them can close or open.

Texts of others (documents, titles, questions, earlier turns) are cleaned of what nobody sees, and whatever could pass
for one of our tags, for a model's own control tokens or for one of our citation markers is made inert.
"""

import re
import unicodedata
from collections.abc import Sequence

from ragbot.core.types import Hit

_LONGEST_ATTRIBUTE = 200

_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINERS = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")
"""Persian, Hindi and emoji need them; beside ASCII they only hide words."""

_NOT_ASCII = re.compile("[^\x00-\x7f]")
_GAP = r"(?:[^\w<>]|_)*+"
_TAG = re.compile(f"<(?={_GAP}(?:{_GAP.join('passage')}|{_GAP.join('question')}))", re.IGNORECASE)
_TOKEN = re.compile(
    r"<(?=[|｜]|</?SYS>|/?(?:SYS|s|bos|eos|pad|unk|think|thinking|system|user|assistant|tool_call|tool_response"
    r"|(?:start|end)_of_[a-z]+)>)",
    re.IGNORECASE,
)
_BRACKET_TOKEN = re.compile(r"\[(/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_(?:CALLS|RESULTS|CONTENT)))\]")

_WORD = r"(?:passages?|sources?|documents?|docs?|refs?|quotes?|citations?)"
_NUMBERS = r"\d{1,3}+(?:\s*+(?:,|;|&|and|-|–)\s*+\d{1,3}+)*+"
_INDEX = re.compile(rf"\[(?<=\w\[)(?=[1-9])({_NUMBERS}\s*+)\]", re.IGNORECASE)
_MARKER = re.compile(rf"\[(?<!\w\[)(\s*+\^?(?:{_WORD}\s*+)?#?\s*+{_NUMBERS}\s*+)\]", re.IGNORECASE)
_WIDE_MARKER = re.compile(rf"【(?=\s*+(?:{_WORD}\s*+)?{_NUMBERS}[^】\n]{{0,12}}】)", re.IGNORECASE)
_OWN_MARKER = re.compile(r" ?\[\d{1,3}\]")


def fenced(passages: Sequence[Hit]) -> str:
    """The passages as data, ``passages[n - 1]`` under the number ``n``."""
    blocks = [_passage(n, hit) for n, hit in enumerate(passages, start=1)]
    return "\n".join(["<passages>", *blocks, "</passages>"])


def asked(question: str) -> str:
    """The question between its tags."""
    return f"<question>\n{inert(question).strip()}\n</question>"


def inert(text: str) -> str:
    """A text of others, fit to stand beside ours: nothing in it passes for a tag, a control token or a marker."""
    text = _without_tags(seen(text))
    text = _BRACKET_TOKEN.sub(r"[ \1 ]", _TOKEN.sub("&lt;", text))
    # Right behind a word it is code, such as a[1]: round brackets would change what it says.
    text = _MARKER.sub(r"(\1)", _INDEX.sub(r"[ \1 ]", text))
    return _WIDE_MARKER.sub("(", text)


def seen(text: str) -> str:
    """The text without control characters, invisible ones and halves of characters; line ends are ``\\n``."""
    text = _UNSEEN.sub("", _LINE_END.sub("\n", text))
    return _JOINERS.sub("", text) if "\u200c" in text or "\u200d" in text else text


def without_own_markers(text: str) -> str:
    """An earlier answer without its markers: their passages are not among the ones shown now."""
    return _OWN_MARKER.sub("", text)


def holds_tag(text: str) -> bool:
    """Whether the text holds anything that passes for one of the tags."""
    return _without_tags(text) != text


def _passage(n: int, hit: Hit) -> str:
    chunk = hit.chunk
    section = " / ".join(heading for heading in chunk.heading_path if heading.strip())
    told = {"source": _attribute(chunk.source), "title": _attribute(chunk.title), "section": _attribute(section)}
    attributes = "".join(f' {name}="{value}"' for name, value in told.items() if value)
    text = inert(chunk.text).strip("\n")
    return f'<passage n="{n}"{attributes}>\n{text}\n</passage>'


def _attribute(value: str) -> str:
    line = inert(" ".join(seen(value).split()))[:_LONGEST_ATTRIBUTE]
    return line.replace('"', "'").replace("<", "&lt;").replace(">", "&gt;")


def _without_tags(text: str) -> str:
    """``<`` written as ``&lt;`` wherever a tag's name follows, however it is spaced, cased or typeset."""
    if text.isascii():
        return _TAG.sub("&lt;", text)
    folded = _NOT_ASCII.sub(lambda found: _folded(found[0]), text)
    if not _TAG.search(folded):
        return text
    # A character may fold into several ("㎩" into "pa", "ß" into "ss"), so each folded one knows where it came from.
    same = len(folded) == len(text)
    origins = range(len(text)) if same else [at for at, char in enumerate(text) for _ in _folded(char)]
    pieces = list(text)
    for found in _TAG.finditer(folded):
        pieces[origins[found.start()]] = "&lt;"
    return "".join(pieces)


def _folded(char: str) -> str:
    return char if char.isascii() else unicodedata.normalize("NFKC", char).casefold()
