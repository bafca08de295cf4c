"""Headings and titles, found in the canonical text (light Markdown) that every loader produces."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.cleaning import clean_inline, clean_text
from ragbot.core.errors import DocumentError
from ragbot.core.types import PUBLIC, Blob, Document, Heading

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`\n]*$)|~{3,})")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|__?)(?=\S)(.+?)(?<=\S)\1(?![\w*])")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)(.+?)(?<!`)\1(?!`)")
_MAX_TITLE = 500
_GENERIC = {"index", "readme", "_index", "default", "home", "main"}


def plain_title(markdown: str) -> str:
    """A heading's words without links, emphasis, code marks and escapes."""
    text = _LINK.sub(r"\1", markdown[:_MAX_TITLE])
    text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    text = _CODE.sub(r"\2", text)
    return clean_inline(_ESCAPE.sub(r"\1", text))


def find_headings(text: str) -> tuple[Heading, ...]:
    """The ``#`` headings of a canonical text, in order; those inside fences are code, not headings."""
    found = []
    fence = ""
    start = 0
    for line in text.split("\n"):
        if fence:
            if is_fence_end(line, fence):
                fence = ""
        elif opening := FENCE.match(line):
            fence = opening[1]
        elif (
            line.startswith("#") and (match := _HEADING.fullmatch(line)) and (title := plain_title(_unclosed(match[2])))
        ):
            found.append(Heading(len(match[1]), title, start))
        start += len(line) + 1
    return tuple(found)


def _unclosed(title: str) -> str:
    """``Title ##`` without the closing marks."""
    bare = title.rstrip().rstrip("#")
    return bare if not bare or bare[-1] in " \t" else title


def is_fence_end(line: str, fence: str) -> bool:
    """Whether ``line`` closes the code block that ``fence`` (its back-ticks or tildes) opened."""
    mark = line.strip(" \t>")
    return len(mark) >= len(fence) and not mark.strip(fence[0])


def readable_stem(path: str) -> str:
    """``docs/getting-started.md`` as ``Getting started``; an index page is called after its folder."""
    parts = [part for part in path.split("/") if part]
    stem = _stem(parts[-1]) if parts else ""
    if stem.lower() in _GENERIC and len(parts) > 1:
        stem = parts[-2]
    words = clean_inline(re.sub(r"[-_\s]+", " ", stem))
    return words[:1].upper() + words[1:] if words else clean_inline(path)


def _stem(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and len(ending) <= 10 else name


def make_document(
    blob: Blob,
    text: str,
    *,
    media_type: str,
    title: str = "",
    structured: bool = True,
    labels: tuple[str, ...] = (PUBLIC,),
    metadata: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> Document:
    """The document of a canonical text: cleaned first, then its headings located; ``no_text`` where empty.

    Without a ``title`` the first heading of level 1 or 2 near the top gives it, then the file name.
    """
    text = clean_text(text)
    if not text.strip("#-*|>` \n"):
        raise DocumentError(
            f"{blob.name} holds no text.", reason_code="no_text", remedy="Nothing to do unless text was expected."
        )
    headings = find_headings(text) if structured else ()
    first = next((h.title for h in headings if h.level == 1), "")
    return Document(
        text=text,
        title=clean_inline(title)[:300] or first[:300] or readable_stem(blob.path),
        headings=headings,
        media_type=media_type,
        labels=labels,
        metadata=dict(metadata or {}),
        warnings=tuple(warnings),
    )
