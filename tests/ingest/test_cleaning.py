"""Cleaning: what is invisible goes, what is visible stays, and cleaning twice changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cleaning import clean_inline, clean_text


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\x07c\x7f", "abc"),
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\u202eright to left\u202c", "right to left"),
        ("plain\U000e0069\U000e0067\U000e006e", "plain"),
        ("e\u0301", "é"),
        ("10\u00a0MB", "10 MB"),
        ("a   \n\n\n\n\nb\t\n", "a\n\nb"),
        ("\n\n  indented", "  indented"),
        ("lone \ud800 surrogate", "lone  surrogate"),
    ],
)
def test_invisible_and_odd_characters_are_cleaned(raw: str, cleaned: str) -> None:
    assert clean_text(raw) == cleaned


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d💻", "❤\ufe0f"])
def test_joiners_that_change_a_word_or_an_emoji_are_kept(text: str) -> None:
    assert clean_text(text) == text


def test_joiners_between_latin_letters_are_hidden_data_and_go() -> None:
    assert clean_text("a\u200db\u200c\u200d\u200cc") == "abc"


def test_a_title_becomes_one_line() -> None:
    assert clean_inline("  Two\r\n lines\u200b ") == "Two lines"


@given(st.text(st.characters(exclude_categories=[])))
def test_cleaning_is_idempotent(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    once.encode("utf-8")
