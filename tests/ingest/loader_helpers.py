"""Files built on the spot for the loader tests."""

import io
from collections.abc import Sequence

from ingest.loaders.registry import load_document
from ragbot.core.types import Blob, Document


def blob(name: str, data: bytes | str, media_type: str | None = None) -> Blob:
    """A blob of that name; text is encoded as UTF-8."""
    raw = data.encode() if isinstance(data, str) else data
    return Blob(path=name, uri=f"file:///docs/{name}", data=raw, media_type=media_type)


def load(name: str, data: bytes | str, media_type: str | None = None) -> Document:
    """The document as the built-in loaders read it, in this process."""
    return load_document(blob(name, data, media_type))


def make_pdf(
    pages: Sequence[Sequence[str]],
    *,
    title: str = "",
    outline: Sequence[tuple[int, int, str]] = (),
    password: str | None = None,
    header: str = "",
    footers: bool = False,
    size: float = 11,
) -> bytes:
    """A PDF with the given lines on each page; ``outline`` holds (page from 0, level from 0, title)."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=password, invariant=1)
    if title:
        canvas.setTitle(title)
    for number, lines in enumerate(pages):
        for at, level, name in outline:
            if at == number:
                key = f"{number}-{name}"
                canvas.bookmarkPage(key)
                canvas.addOutlineEntry(name, key, level)
        canvas.setFont("Helvetica", size)
        if header:
            canvas.drawString(72, A4[1] - 40, header)
        if footers:
            canvas.drawCentredString(A4[0] / 2, 30, str(number + 1))
        for row, line in enumerate(lines):
            canvas.drawString(72, A4[1] - 100 - 14 * row, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + bytes(range(256)) * 4
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(200))
