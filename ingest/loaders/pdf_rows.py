"""Cells that pdfium gives one after the other, put side by side again."""

from dataclasses import replace

from ingest.loaders.pdf_pages import BREAK_MARK, Line

_CLOSERS = ".,;:!?)]}»”’%"


def merge_rows(lines: list[Line]) -> list[Line]:
    """Lines beside each other on one height as one line: pieces of it where they touch, else cells of a row."""
    merged: list[Line] = []
    for line in lines:
        last = merged[-1] if merged else None
        if last is not None and last.placed and line.placed and _beside(last, line):
            gap = line.left - last.right
            close = gap < 0.6 * max(line.size, 4.0)
            glue = "" if gap < 1.5 and line.text[:1] in _CLOSERS else " " if close else " | "
            merged[-1] = replace(
                last,
                text=f"{last.text}{glue}{line.text}",
                bottom=min(last.bottom, line.bottom),
                right=max(last.right, line.right),
                top=max(last.top, line.top),
                row=last.row or not close,
            )
        else:
            merged.append(line)
    return merged


def _beside(a: Line, b: Line) -> bool:
    shared = min(a.top, b.top) - max(a.bottom, b.bottom)
    low = min(a.top - a.bottom, b.top - b.bottom)
    tall = max(a.top - a.bottom, b.top - b.bottom)
    if b.left < a.right - 1 or low <= 0 or a.text.endswith(BREAK_MARK):
        return False
    mark = len(b.text) <= 2 and not b.text.isalnum()  # a comma is much lower than its line and hangs below it
    return shared > (0.3 if mark else 0.6) * low and (mark or tall < 3 * low)
