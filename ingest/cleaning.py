"""Text hygiene that every loader shares: pure functions, applied before any offset is computed.

``clean_text`` is idempotent: cleaning a cleaned text changes nothing, so offsets into it stay exact.
"""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
# Joiners carry meaning between letters of Arabic and Indic scripts and inside emoji, once; a run of them
# (or one between Latin letters) can only hide something.
_JOINED = "[\u0600-\u08ff\u0900-\u0dff\u0e80-\u0fff\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
_JOINERS = re.compile(f"(?<!{_JOINED})[\u200c\u200d]+|[\u200c\u200d]{{2,}}|[\u200c\u200d](?!{_JOINED})")
# Soft hyphen, zero-width, directional, fillers, invisible operators, annotation marks, variation selectors
# (but the emoji one), Unicode tags, lone surrogates, noncharacters: all can carry instructions nobody sees.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U0001fffe\U0001ffff]"
)
_BLANK_LINES = re.compile(r"\n{3,}")
_LEADING_BLANK = re.compile(r"\A\n+")


def normalise_lines(text: str) -> str:
    """Every kind of line end as ``\\n``."""
    return _LINE_ENDS.sub("\n", text)


def strip_invisible(text: str) -> str:
    """Without control, invisible and direction characters; unusual spaces become plain ones."""
    text = _INVISIBLE.sub("", _CONTROLS.sub("", text))
    return _SPACES.sub(" ", _JOINERS.sub("", text))


def tidy_blank(text: str) -> str:
    """Without trailing spaces, blank lines at both ends and more than one blank line in a row."""
    # Line by line: a pattern for spaces before a line end takes quadratic time on long runs of spaces.
    text = _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n")))
    return _LEADING_BLANK.sub("", text).rstrip()


def clean_text(text: str) -> str:
    """The text as it is stored: visible characters only, NFC, ``\\n`` line ends, tidy blank lines."""
    text = strip_invisible(normalise_lines(text))
    return tidy_blank(unicodedata.normalize("NFC", text))


def word_set(words: str) -> frozenset[str]:
    """The words of a string, for tables of names that read better on a few lines."""
    return frozenset(words.split())


def clean_inline(text: str) -> str:
    """One clean line, for titles and metadata."""
    return " ".join(clean_text(text).split())
