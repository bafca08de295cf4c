"""Plain text in every encoding it comes in."""

import pytest

from ragbot.core.errors import DocumentError
from tests.ingest.loader_helpers import load

GERMAN = "Größe: 20 €. Für Ärger mit der Tür gibt es „Öl“ im Büro."
RUSSIAN = "Чтобы сбросить пароль, откройте настройки и нажмите кнопку. " * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "cp1252"])
def test_western_text_is_read_in_its_encoding(encoding: str) -> None:
    assert load("a.txt", GERMAN.encode(encoding)).text == GERMAN


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-8"])
def test_cyrillic_text_is_read_in_its_encoding(encoding: str) -> None:
    assert load("a.txt", RUSSIAN.encode(encoding)).text == RUSSIAN.strip()


def test_utf8_cut_in_the_middle_of_a_character_is_still_utf8() -> None:
    document = load("a.txt", ("Größe " * 20 + "ü").encode()[:-1])
    assert document.text.startswith("Größe")
    assert document.warnings


def test_one_broken_byte_does_not_change_the_encoding_of_the_rest() -> None:
    document = load("a.log", GERMAN.encode() * 5 + b"\xff" + GERMAN.encode() * 5)
    assert document.text.count("Größe") == 10
    assert document.warnings == ("1 characters could not be decoded",)


def test_text_that_its_own_byte_order_mark_contradicts_is_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        load("a.txt", b"\xff\xfe" + b"\x00\xd8" * 100)
    assert caught.value.reason_code == "encoding"


def test_no_heading_is_invented_and_the_title_is_the_file_name() -> None:
    document = load("docs/getting_started-guide.txt", "# not a heading\r\nbut text\r\n")
    assert document.headings == ()
    assert document.text == "# not a heading\nbut text"
    assert document.title == "Getting started guide"


def test_an_index_page_is_called_after_its_folder() -> None:
    assert load("billing-faq/index.txt", "x").title == "Billing faq"
