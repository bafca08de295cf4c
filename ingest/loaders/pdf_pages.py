"""The lines of each PDF page with their places, by pdfium; by pypdf where pdfium's text is broken."""

import contextlib
import io
import logging
import re
import warnings as python_warnings
from dataclasses import dataclass
from typing import Any

BREAK_MARK = "\ufffe"
"""Ends a line that pdfium found hyphenated."""

_SPLIT = re.compile("(?<=[\x02\ufffe])|\r\n|\r|\n")
_BROKEN = re.compile("[\ufffd\ue000-\uefff\uf100-\uf8ff\x01\x03-\x08\x0e-\x1f]")
_MAX_EMPTY_ASKED = 20
"""Empty pages that pypdf is asked about; a book of scans has thousands, and pypdf is slow."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. The box is in points, y upwards; all zero where the place is unknown.

    ``heading`` is the level of the outline entry that the line is, 0 for none; ``row`` says that it is made
    of several cells side by side.
    """

    text: str
    left: float = 0.0
    bottom: float = 0.0
    right: float = 0.0
    top: float = 0.0
    size: float = 0.0
    page_height: float = 0.0
    heading: int = 0
    row: bool = False

    @property
    def placed(self) -> bool:
        """Whether the box is known."""
        return self.right > self.left


def read_pages(pdf: Any, data: bytes, max_chars: int) -> tuple[list[list[Line]], bool, list[str]]:
    """Lines of every page, whether pages without text hold pictures, and what went wrong.

    Stops reading, with empty pages for the rest, once ``max_chars`` are reached.
    """
    import pypdfium2

    pages: list[list[Line]] = []
    warnings: list[str] = []
    suspects: list[int] = []
    images = False
    total = 0
    for index in range(len(pdf)):
        if total >= max_chars:
            pages.append([])
            continue
        try:
            lines, pictures = _read_page(pdf, index)
        except pypdfium2.PdfiumError:
            lines, pictures = [], False
            warnings.append(f"page {index + 1} could not be read")
        text = "".join(line.text for line in lines)
        total += len(text)
        images = images or (pictures and not text.strip())
        if not text.strip() or len(_BROKEN.findall(text)) > 0.1 * len(text):
            suspects.append(index)
        pages.append(lines)
    for index, text in _second_opinion(data, pages, suspects).items():
        pages[index] = [Line(line) for line in text.split("\n") if line.strip()]
        warnings.append(f"page {index + 1} was read by pypdf")
    return pages, images, warnings


def _read_page(pdf: Any, index: int) -> tuple[list[Line], bool]:
    page = pdf[index]
    try:
        textpage = page.get_textpage()
        try:
            text = textpage.get_text_range()
            lines = _lines(textpage, text, page.get_height())
        finally:
            textpage.close()
        return lines, bool(lines) or _has_pictures(page)
    finally:
        page.close()


def _has_pictures(page: Any) -> bool:
    return next(iter(page.get_objects(max_depth=3)), None) is not None


def _lines(textpage: Any, text: str, height: float) -> list[Line]:
    import pypdfium2.raw as raw

    lines: list[Line] = []
    at = 0
    position = 0
    for match in [*_SPLIT.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[position:end]
        # pdfium counts UTF-16 units, Python characters.
        units = len(piece) + sum(char > "\uffff" for char in piece)
        if piece.strip():
            lines.append(_placed(textpage, raw, piece, at, units, height))
        skipped = len(match[0]) if match else 0
        at += units + skipped
        position = end + skipped
    return lines


def _placed(textpage: Any, raw: Any, text: str, at: int, units: int, height: float) -> Line:
    boxes = [textpage.get_rect(n) for n in range(textpage.count_rects(at, units))]
    if not boxes:
        return Line(text, page_height=height)
    boxes = [box for box in boxes if box[2] > box[0] and box[3] > box[1]] or boxes
    lead = len(text) - len(text.lstrip())
    return Line(
        text.strip(" \t"),
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
        _type_size(textpage, raw, at + lead, boxes),
        height,
    )


def _type_size(textpage: Any, raw: Any, at: int, boxes: list[tuple[float, float, float, float]]) -> float:
    """Font size in points as seen on the page: the font's own size times the text matrix."""
    size = float(raw.FPDFText_GetFontSize(textpage, at))
    matrix = raw.FS_MATRIX()
    if size > 0 and raw.FPDFText_GetMatrix(textpage, at, matrix):
        scale = (matrix.c**2 + matrix.d**2) ** 0.5
        if 0.05 < size * scale < 500:
            return float(size * scale)
    return max(box[3] - box[1] for box in boxes)


def _second_opinion(data: bytes, pages: list[list[Line]], suspects: list[int]) -> dict[int, str]:
    """pypdf's text of suspect pages, where it is better: longer than nothing, or less broken."""
    if not suspects or not data:
        return {}
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    better: dict[int, str] = {}
    asked_empty = 0
    with python_warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        python_warnings.simplefilter("ignore")
        try:
            reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
            for index in suspects:
                before = "".join(line.text for line in pages[index])
                asked_empty += not before.strip()
                if not before.strip() and asked_empty > _MAX_EMPTY_ASKED and not better:
                    continue
                after = reader.pages[index].extract_text()
                share = len(_BROKEN.findall(after)) / max(1, len(after))
                worse = len(_BROKEN.findall(before)) / max(1, len(before)) if before.strip() else 1.0
                if len(after.strip()) > 0.5 * len(before.strip()) and after.strip() and share < 0.5 * worse:
                    better[index] = after
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a second opinion that fails is no opinion; pypdf raises anything
            return better
    return better
