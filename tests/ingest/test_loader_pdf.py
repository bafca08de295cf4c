"""PDF: pages, paragraphs, outline, and everything that can be wrong with one."""

import pytest

from ragbot.core.errors import DocumentError
from ragbot.core.types import Document
from tests.ingest.loader_helpers import PNG, load, make_pdf

PARAGRAPH = [
    "To reset your password, open the settings page, choose the tab Security",
    "and press the button. A message is sent to the address that you registered",
    "with, and its link is valid for thirty minutes.",
]
PARAGRAPH_TEXT = " ".join(PARAGRAPH)


def check_pages(document: Document) -> None:
    """Pages follow each other and cover the text; headings lie within it."""
    assert document.pages[0].char_start == 0
    assert document.pages[-1].char_end == len(document.text)
    for before, after in zip(document.pages, document.pages[1:], strict=False):
        assert before.char_end == after.char_start
        assert after.number == before.number + 1
    assert all(0 <= heading.char_start < len(document.text) for heading in document.headings)


def test_lines_of_a_paragraph_are_joined_and_pages_cover_the_text() -> None:
    document = load("a.pdf", make_pdf([PARAGRAPH, [], PARAGRAPH]))
    assert document.text == f"{PARAGRAPH_TEXT}\n\n{PARAGRAPH_TEXT}"
    assert [page.number for page in document.pages] == [1, 2, 3]
    check_pages(document)


def test_a_word_hyphenated_at_a_line_end_is_put_together() -> None:
    lines = [
        "This paragraph of the manual is about the careful adminis-",
        "tration of the system, which is done by the staff.",
    ]
    assert "careful administration of" in load("a.pdf", make_pdf([lines])).text


def test_list_items_stay_on_lines_of_their_own() -> None:
    lines = ["Bring with you:", "- a passport", "- a photograph", "1. Go there.", "2. Come back."]
    text = load("a.pdf", make_pdf([lines])).text
    assert "- a passport\n- a photograph\n1. Go there.\n2. Come back." in text


def test_running_headers_stay_once_and_page_numbers_go() -> None:
    pages = [[f"Content of page {name}."] for name in ("one", "two", "three", "four")]
    document = load("a.pdf", make_pdf(pages, header="ACME Handbook", footers=True))
    assert document.text.count("ACME Handbook") == 1
    assert document.text.endswith("Content of page four.")
    check_pages(document)


def test_outline_titles_become_headings_at_their_lines() -> None:
    pages = [["Getting  Started", *PARAGRAPH], ["2.1 Billing", *PARAGRAPH], PARAGRAPH]
    outline = [(0, 0, "getting started"), (1, 1, "Billing"), (2, 0, "Nowhere on the page")]
    document = load("a.pdf", make_pdf(pages, outline=outline))
    check_pages(document)
    first, second, third = document.headings
    assert document.text[first.char_start :].startswith("# Getting Started\n")
    assert document.text[second.char_start :].startswith("## 2.1 Billing\n")
    assert (second.level, second.title) == (2, "Billing")
    assert third.char_start == document.pages[2].char_start


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Travel policy", "Travel policy"),
        ("untitled", "Expense report"),
        ("Microsoft Word - draft.doc", "Expense report"),
        ("final_v2.indd", "Expense report"),
    ],
)
def test_a_title_that_a_program_made_up_is_not_used(given: str, title: str) -> None:
    assert load("expense-report.pdf", make_pdf([PARAGRAPH], title=given)).title == title


@pytest.mark.parametrize("name", ["a.pdf", "a.bin", "a", "A.PDF"])
def test_a_pdf_is_read_whatever_its_name(name: str) -> None:
    assert "reset your password" in load(name, b"\n\n" + make_pdf([PARAGRAPH])).text


def test_an_empty_password_opens_and_another_does_not() -> None:
    import io

    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    def encrypted(user: str) -> bytes:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, encrypt=StandardEncryption(user, ownerPassword="owner"))
        canvas.drawString(72, 700, "Hidden words")
        canvas.save()
        return buffer.getvalue()

    assert load("a.pdf", encrypted("")).text == "Hidden words"
    with pytest.raises(DocumentError) as caught:
        load("a.pdf", encrypted("secret"))
    assert caught.value.reason_code == "encrypted"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7\nnonsense", "corrupt"),
        (b"just text", "corrupt"),
        (PNG, "binary"),
        (b"<!doctype html><p>Please log in", "binary"),
        (make_pdf([PARAGRAPH])[:300], "corrupt"),
        (make_pdf([[]]), "no_text"),
    ],
)
def test_a_file_that_is_no_readable_pdf_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load("a.pdf", data)
    assert caught.value.reason_code == reason


def test_a_scan_asks_for_text_recognition() -> None:
    import io

    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.rect(72, 72, 300, 300, fill=1)
    canvas.save()
    with pytest.raises(DocumentError, match="ocrmypdf") as caught:
        load("a.pdf", buffer.getvalue())
    assert caught.value.reason_code == "scanned_pdf"


def shared_page_pdf(references: int) -> bytes:
    """A PDF whose page tree names one page many times."""
    kids = "3 0 R " * references
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {references}/Kids[{kids}]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        "<</Length 36>>stream\nBT /F 12 Tf 20 100 Td (Hello) Tj ET  \nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = "%PDF-1.4\n" + "".join(f"{n} 0 obj\n{o}\nendobj\n" for n, o in enumerate(objects, 1))
    return (body + "trailer<</Root 1 0 R/Size 6>>\n%%EOF").encode()


def test_a_page_tree_that_repeats_one_page_forever_is_refused() -> None:
    assert load("a.pdf", shared_page_pdf(2)).text.count("Hello") == 2
    with pytest.raises(DocumentError) as caught:
        load("a.pdf", shared_page_pdf(20_000))
    assert caught.value.reason_code == "too_large"


def test_nothing_is_printed_while_reading(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DocumentError):
        load("a.pdf", make_pdf([[]])[:-200] + b"garbage")
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
