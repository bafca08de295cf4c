"""PDF: text and structure by pdfium, a second opinion on broken pages by pypdf."""

import re
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from ingest.cleaning import clean_inline, clean_text
from ingest.loaders.outline import readable_stem
from ingest.loaders.pdf_layout import page_text, without_furniture
from ingest.loaders.pdf_outline import OutlineItem, mark_headings, read_outline
from ingest.loaders.pdf_pages import Line, read_pages
from ingest.loaders.pdf_rows import merge_rows
from ingest.loaders.sniff import binary_kind, is_html, is_pdf
from ragbot.core.errors import DocumentError
from ragbot.core.types import Blob, Document, Heading, PageSpan

MAX_PAGES = 5_000
MAX_CHARS = 20_000_000
_NAMED_BINARY = frozenset({".txt", ".md", ".markdown", ".mdx", ".html", ".htm"})
_NO_TITLE = re.compile(
    r"^(?:untitled.*|microsoft (?:word|powerpoint|excel) -.*|.*\.(?:docx?|pdf|tex|dvi|indd|pptx?|xlsx?|qxd|ps|rtf|odt)|"
    r"slide ?\d+|document\d*|dokument\d*|powerpoint.presentation|title|\W*|[\d\W_]+|(?:file|https?):.*)$",
    re.IGNORECASE,
)
_PASSWORD_ERROR = 4


class PdfLoader:
    """Every file that starts like a PDF, whatever its name, and every file so named."""

    name = "pdf"
    version = 1
    isolated = True

    def accepts(self, blob: Blob) -> bool:
        """By content; by name too, since a damaged PDF should be reported, not ignored."""
        if is_pdf(blob.data, strict=blob.suffix in _NAMED_BINARY):
            return True
        return blob.suffix == ".pdf" or (not blob.suffix and (blob.media_type or "").startswith("application/pdf"))

    def load(self, blob: Blob) -> Document:
        """The text page by page. Raises ``DocumentError``: ``encrypted``, ``corrupt``, ``binary``, ``scanned_pdf``,
        ``no_text`` or ``too_large``."""
        with closing(_open(blob)) as pdf:
            count = len(pdf)
            if count > MAX_PAGES:
                raise _too_large(blob, f"{count:,} pages; at most {MAX_PAGES:,} are read")
            pages, images, warnings = read_pages(pdf, blob.data, MAX_CHARS)
            pages = [merge_rows(page) for page in pages]
            outline = read_outline(pdf)
            info = pdf.get_metadata_dict()
            labels = [pdf.get_page_label(index) or "" for index in range(count)]
        if sum(len(line.text) for page in pages for line in page) >= MAX_CHARS:
            raise _too_large(blob, f"more than {MAX_CHARS:,} characters")
        document = _assemble(blob, pages, outline, info, labels, warnings)
        if not document.text.strip():
            raise _no_text(blob, count, images)
        return document


def _assemble(
    blob: Blob,
    pages: list[list[Line]],
    outline: Sequence[OutlineItem],
    info: dict[str, str],
    labels: Sequence[str],
    warnings: Sequence[str],
) -> Document:
    biggest = _biggest_line(pages)
    pages = without_furniture(pages)
    found, missing = mark_headings(pages, outline)
    words = {word for page in pages for line in page for word in line.text.casefold().split()}
    text = ""
    spans: list[PageSpan] = []
    headings: list[Heading] = []
    for index, lines in enumerate(pages):
        cleaned = clean_text(page_text(lines, words))
        start = len(text) + (2 if text and cleaned else 0)
        if spans and cleaned and text:
            spans[-1] = PageSpan(index, spans[-1].char_start, start)
        text += ("\n\n" if text and cleaned else "") + cleaned
        spans.append(PageSpan(index + 1, min(start, len(text)), len(text)))
        headings.extend(_headings_on(cleaned, start, found.get(index, []), missing.get(index, [])))
    metadata = _metadata(info, labels)
    return Document(
        text=text,
        title=_title(blob, info, outline, biggest),
        headings=tuple(sorted(headings, key=lambda heading: heading.char_start)),
        pages=tuple(spans),
        media_type="application/pdf",
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _headings_on(text: str, start: int, marked: Sequence[OutlineItem], missing: Sequence[OutlineItem]) -> list[Heading]:
    """Headings of one page: those marked in its lines where they now stand, the others at its start."""
    headings = [Heading(item.level, item.title, start) for item in missing]
    at = 0
    for item in marked:
        line = re.compile(rf"^{'#' * item.level} .+$", re.MULTILINE).search(text, at)
        headings.append(Heading(item.level, item.title, start + (line.start() if line else 0)))
        at = line.end() if line else at
    return headings


def _open(blob: Blob) -> Any:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(blob.data)
        if len(pdf) < 1:
            raise _corrupt(blob, "it has no pages")
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR or "password" in str(error).lower():
            raise DocumentError(
                f"{blob.name} is protected by a password.",
                reason_code="encrypted",
                remedy="Save a copy without the password.",
            ) from error
        raise _corrupt(blob, "its structure is damaged") from error
    return pdf


def _corrupt(blob: Blob, why: str) -> DocumentError:
    kind = binary_kind(blob.data) or ("a web page" if is_html(blob.data) else None)
    if kind and not is_pdf(blob.data, strict=False):
        return DocumentError(
            f"{blob.name} is named like a PDF but holds {kind}.",
            reason_code="binary",
            remedy="Give it its real ending, or download it again.",
        )
    return DocumentError(
        f"{blob.name} cannot be opened as a PDF: {why}.",
        reason_code="corrupt",
        remedy="Open and print it to a new PDF, or download it again.",
    )


def _too_large(blob: Blob, what: str) -> DocumentError:
    return DocumentError(f"{blob.name} has {what}.", reason_code="too_large", remedy="Split it into smaller files.")


def _no_text(blob: Blob, pages: int, images: bool) -> DocumentError:
    if images:
        return DocumentError(
            f"{blob.name} holds pictures of text only ({pages} page{'s' * (pages != 1)} without any text).",
            reason_code="scanned_pdf",
            remedy="Recognise its text first, for example with `ocrmypdf in.pdf out.pdf`.",
        )
    return DocumentError(
        f"{blob.name} holds no text.", reason_code="no_text", remedy="Nothing to do unless text was expected."
    )


def _title(blob: Blob, info: dict[str, str], outline: Sequence[OutlineItem], biggest: str) -> str:
    title = clean_inline(info.get("Title", ""))
    if len(title) > 2 and not _NO_TITLE.match(title) and len(title) < 300:
        return title
    if biggest:
        return biggest
    first = next((item.title for item in outline if item.level == 1), "")
    return first if len(first) > 2 and not _NO_TITLE.match(first) else readable_stem(blob.path)


def _biggest_line(pages: list[list[Line]]) -> str:
    """The line in clearly the largest type among the first of page 1, with its continuation; empty if none."""
    lines = [line for line in (pages[0] if pages else []) if line.text.strip()]
    if len(lines) < 3:
        return ""
    sizes = sorted(line.size for line in lines)
    largest = max(line.size for line in lines[:15])
    if largest <= 1.15 * sizes[len(sizes) // 2] or largest <= 0:
        return ""
    at = next(index for index, line in enumerate(lines) if line.size >= 0.97 * largest)
    taken = []
    for line in lines[at : at + 3]:
        if line.size < 0.97 * largest:
            break
        taken.append(line.text)
    title = clean_inline(" ".join(taken))
    return title if 3 < len(title) <= 200 and not _NO_TITLE.match(title) else ""


def _metadata(info: dict[str, str], labels: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, name in (("Author", "author"), ("Subject", "subject"), ("Keywords", "keywords")):
        if value := clean_inline(info.get(key, ""))[:1000]:
            found[name] = value
    for key, name in (("CreationDate", "created"), ("ModDate", "modified")):
        if match := re.match(r"D:(\d{4})(\d\d)?(\d\d)?", info.get(key, "")):
            found[name] = "-".join(part for part in match.groups() if part)
    if any(label and label != str(number) for number, label in enumerate(labels, 1)):
        found["page_labels"] = [clean_inline(label) for label in labels]
    return found
