"""A PDF's outline (bookmarks), and where on the pages its titles stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.cleaning import clean_inline
from ingest.loaders.pdf_pages import Line

MAX_ITEMS = 5_000
_WORDS = re.compile(r"[^\w]+", re.UNICODE)
_NUMBER = re.compile(r"^(?:chapter|section|appendix|part)?\s*(?:\d+(?:\.\d+)*|[ivx]+|[a-z])[.:)]?\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A bookmark: level from 1 to 6, title, 0-based page."""

    level: int
    title: str
    page: int


def read_outline(pdf: Any) -> list[OutlineItem]:
    """The bookmarks that point to a page, in order. A damaged outline is as good as none."""
    import pypdfium2

    items: list[OutlineItem] = []
    count = len(pdf)
    try:
        for bookmark in pdf.get_toc(max_depth=6):
            destination = bookmark.get_dest()
            page = destination.get_index() if destination is not None else None
            title = clean_inline(bookmark.get_title() or "")[:300]
            if title and page is not None and 0 <= page < count:
                items.append(OutlineItem(min(bookmark.level + 1, 6), title, page))
            if len(items) >= MAX_ITEMS:
                break
    except (pypdfium2.PdfiumError, ValueError):
        return items
    return items


def mark_headings(
    pages: list[list[Line]], outline: Sequence[OutlineItem]
) -> tuple[dict[int, list[OutlineItem]], dict[int, list[OutlineItem]]]:
    """Marks the lines that are outline titles (in place of ``pages``' lists), joining titles of several lines.

    Gives the items found and those not found, by page; found ones are in the order of their lines.
    """
    placed: dict[int, list[tuple[int, OutlineItem]]] = {}
    missing: dict[int, list[OutlineItem]] = {}
    for item in outline:
        at = _find(pages[item.page], item.title)
        if at is None:
            missing.setdefault(item.page, []).append(item)
            continue
        start, length = at
        lines = pages[item.page]
        joined = " ".join(line.text for line in lines[start : start + length])
        lines[start] = replace(lines[start], text=joined, heading=item.level, row=False)
        # Blank lines instead of deleted ones keep the positions found before.
        for extra in range(start + 1, start + length):
            lines[extra] = replace(lines[extra], text="")
        placed.setdefault(item.page, []).append((start, item))
    found = {page: [item for _, item in sorted(items, key=lambda pair: pair[0])] for page, items in placed.items()}
    for page, lines in enumerate(pages):
        if page in placed:
            pages[page] = [line for line in lines if line.text]
    return found, missing


def _find(lines: Sequence[Line], title: str) -> tuple[int, int] | None:
    """Where 1 to 3 lines together are the title: (first line, number of lines)."""
    wanted = _key(title)
    short = _key(_NUMBER.sub("", title))
    if not wanted:
        return None
    best: tuple[float, int, int] | None = None
    for start, line in enumerate(lines):
        if line.heading or not line.text:
            continue
        joined = ""
        for length in range(1, 4):
            if start + length > len(lines) or lines[start + length - 1].heading:
                break
            joined += _key(lines[start + length - 1].text)
            if len(joined) > len(wanted) + 12:
                break
            exact = joined == wanted
            numbered = (
                len(short) > 2
                and joined.endswith(short)
                and len(joined) - len(short) <= 12
                and _numbered(joined, short)
            )
            if exact or numbered:
                score = line.size + (0.5 if exact else 0.0)
                if best is None or score > best[0]:
                    best = (score, start, length)
                break
    return None if best is None else (best[1], best[2])


def _numbered(joined: str, title: str) -> bool:
    """Whether what stands before the title is only its number."""
    rest = joined[: len(joined) - len(title)]
    return re.fullmatch(r"(?:chapter|section|appendix|part)?[\divxa-z]{0,4}", rest) is not None


def _key(text: str) -> str:
    return _WORDS.sub("", text).casefold()
