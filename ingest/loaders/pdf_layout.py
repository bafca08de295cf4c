"""Lines of PDF pages as paragraphs: pure functions over ``Line``."""

import re
from collections import Counter

from ingest.loaders.pdf_pages import BREAK_MARK, Line
from ingest.loaders.pdf_shape import BULLET, Shape, starts_item

_LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\uf0b7": "•",
        "\uf0a7": "•",
        "\uf0d8": "•",
    }
)
_PAGE_NUMBER = re.compile(
    r"^\W*(?:page|seite|página|pagina|p\.)?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*(?:(?:of|/|von|de|sur|-)\s*\d{1,4})?\W*$",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_MARGIN = 0.12
_EDGE_LINES = 3


def without_furniture(pages: list[list[Line]]) -> list[list[Line]]:
    """Pages without running headers and footers (kept where they first stand) and without page numbers."""
    edges = [_edge_lines(page) for page in pages]
    filled = sum(1 for page in pages if page)
    counts = Counter(key for page in edges for key in {_shape(line.text) for line in page.values()})
    often = {key for key, count in counts.items() if key and count >= max(3, 0.3 * filled)}
    numbers = sum(any(_PAGE_NUMBER.match(line.text) for line in page.values()) for page in edges)
    numbered = numbers >= max(2, 0.5 * filled)
    seen: set[str] = set()
    out = []
    for page, edge in zip(pages, edges, strict=True):
        drop = set()
        for at, line in edge.items():
            shape = _shape(line.text)
            if _PAGE_NUMBER.match(line.text):
                if numbered:
                    drop.add(at)
            elif shape in often:
                if shape in seen:
                    drop.add(at)
                seen.add(shape)
        out.append([line for at, line in enumerate(page) if at not in drop])
    return out


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s+", "", text)).casefold()


def _edge_lines(page: list[Line]) -> dict[int, Line]:
    """Lines that may be headers or footers: in the margins, or the outermost where places are unknown."""
    if all(line.placed for line in page):
        by_height = sorted(range(len(page)), key=lambda at: page[at].top)
        outer = {*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]}
        return {
            at: line
            for at, line in enumerate(page)
            if at in outer and (line.bottom > (1 - _MARGIN) * line.page_height or line.top < _MARGIN * line.page_height)
        }
    outer = {*range(min(2, len(page))), *range(max(0, len(page) - 2), len(page))}
    return {at: page[at] for at in outer}


def page_text(lines: list[Line], words: set[str]) -> str:
    """The page as light Markdown. ``words`` are the document's, lower-case, to judge hyphens by."""
    blocks: list[list[Line]] = []
    shape = Shape(lines)
    for line in lines:
        if blocks and shape.continues(blocks[-1][-1], line, blocks[-1][0]):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    out = ""
    previous: list[Line] = []
    for block in blocks:
        text = _join(block, words)
        if not text:
            continue
        if block[0].heading:
            text = f"{'#' * block[0].heading} {text}"
        elif re.match(r"#{1,6}\s", text):
            text = "\\" + text
        tight = bool(previous) and _tight(previous, block, shape)
        out += ("\n" if tight else "\n\n") * bool(out) + text
        previous = block
    return out


def _tight(before: list[Line], block: list[Line], shape: Shape) -> bool:
    """Whether two blocks are items of one list, rows of one table or lines of one address."""
    a, b = before[-1], block[0]
    if before[0].heading or b.heading:
        return False
    if a.row or b.row:
        return a.row and b.row
    if starts_item(b.text):
        return starts_item(before[0].text) and shape.spacing(a, b) < 2.5
    return shape.spacing(a, b) <= 1.25


def _join(block: list[Line], words: set[str]) -> str:
    text = ""
    for line in block:
        part = " ".join(line.text.translate(_LIGATURES).replace("\x02", BREAK_MARK).split())
        if not text:
            text = part
        elif _hyphenated(text, part):
            text = _unhyphenated(text[:-1], part, words)
        elif text.endswith("\u00ad"):
            text = text[:-1] + part
        elif _CJK.match(text[-1]) and _CJK.match(part[:1]):
            text += part
        else:
            text += " " + part
    text = text.replace(BREAK_MARK, "")
    return BULLET.sub("- ", text)


def _hyphenated(text: str, following: str) -> bool:
    """Whether the line ends inside a word: pdfium says so, or a hyphen follows a letter and a small one comes."""
    if text.endswith(BREAK_MARK):
        return True
    return text.endswith(("-", "\u2010")) and text[-2:-1].isalpha() and following[:1].islower()


def _unhyphenated(before: str, after: str, words: set[str]) -> str:
    """Two halves of a word put together; its hyphen stays where the document writes the word with one."""
    tail = re.split(r"\s", before)[-1]
    head = re.split(r"[\s.,;:!?)]", after)[0]
    if f"{tail}-{head}".casefold() in words or not tail[-1:].isalpha() or not after[:1].isalpha():
        return f"{before}-{after}"
    if after[:1].isupper() and tail[-1:].islower():
        return f"{before}-{after}"
    return before + after
