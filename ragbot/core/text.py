"""Light Markdown as people write it, and the plain words in it that the embedder and the keyword index read."""

import re
import unicodedata
from collections.abc import Sequence

_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)")
_TABLE_RULE = re.compile(r"^[ \t]*+\|?[ \t]*+:?-{3,}:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", re.MULTILINE)
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+)", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\\)(?:\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)|~~|`+)")
_MARKED = re.compile(
    r"(?<!\\)(?!(?<=\d)\*{1,3}\d)(?:(?<![\s*])\*{1,3}(?!\*)|(?<!\*)\*{1,3}(?![\s*])|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|~~)"
)
"""Emphasis as it is quoted: a star between blanks is a times sign."""
_CODE_SPAN = re.compile(r"(?<![\\`])`(?!`)([^`\n]{1,400})`(?!`)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")
_BLANK = re.compile(r"\s+")


def plain_text(markdown: str) -> str:
    """The words of light Markdown in one line: no markup, no link targets, no table rules."""
    text = _FENCE.sub(" ", markdown)
    text = _TABLE_RULE.sub(" ", text)
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _LINE_START.sub("", text)
    text = _EMPHASIS.sub("", text)
    text = _ESCAPE.sub(r"\1", text)
    return _BLANK.sub(" ", text.replace("|", " ")).strip()


def quoted_text(markdown: str) -> str:
    """The words of light Markdown as an answer quotes them: code stays code, no sign that means something is lost."""
    if _FENCE.search(markdown):
        return plain_text(markdown)
    pieces: list[str] = []
    end = 0
    for code in _CODE_SPAN.finditer(markdown):
        pieces += [_unmarked_words(markdown[end : code.start()]), code[0]]
        end = code.end()
    pieces.append(_unmarked_words(markdown[end:]))
    return _BLANK.sub(" ", "".join(pieces).replace("|", " ")).strip()


def _unmarked_words(markdown: str) -> str:
    text = _TABLE_RULE.sub(" ", markdown)
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _LINE_START.sub("", text)
    return _ESCAPE.sub(r"\1", _MARKED.sub("", text))


def breadcrumb(title: str, heading_path: Sequence[str]) -> str:
    """Title and heading path in one line, each word said once: a heading that repeats the title is left out."""
    parts: list[str] = []
    for part in (title, *heading_path):
        if part and part.casefold() not in (seen.casefold() for seen in parts):
            parts.append(part)
    return " > ".join(parts)


def embedding_text(context: str, text: str) -> str:
    """What the embedder reads for a chunk: its breadcrumb, then its words."""
    return f"{context}\n{plain_text(text)}" if context else plain_text(text)


def fold(text: str) -> str:
    """For comparing texts as readers do: compatibility forms, case and white space do not count."""
    return _BLANK.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
