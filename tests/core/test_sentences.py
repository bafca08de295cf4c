"""Sentences that can be quoted: complete, and exactly where they say."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.sentences import Sentence, sentences

PIECES = ["One. ", "Two! ", "e.g. this", "\n", "\n\n", "- item", "1. first", "| a | b |", "|---|---|", "```", "# Head"]
MARKDOWN = st.lists(st.sampled_from([*PIECES, " ", "Dr. Who", "“Yes.” ", "你好。", " 再见。", "word ", "\t"])).map(
    "".join
)


def _cut(text: str) -> list[str]:
    return [text[each.start : each.end] for each in sentences(text)]


@given(MARKDOWN | st.text())
def test_sentences_are_exact_spans_in_order_without_overlap(text: str) -> None:
    end = 0
    for each in sentences(text):
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end] == text[each.start : each.end].strip()
        end = each.end


@given(
    st.lists(st.sampled_from(["Red is warm.", "Is it so?", "Stop!", "It costs 3.50 in all."]), min_size=1, max_size=6)
)
def test_a_paragraph_is_cut_into_its_sentences(parts: list[str]) -> None:
    assert _cut(" ".join(parts)) == parts
    assert _cut("\n".join(parts)) == parts


CASES = [
    ("abbreviations", "Ask Dr. Smith, e.g. by mail. He answers.", ["Ask Dr. Smith, e.g. by mail.", "He answers."]),
    ("initials", "J. Smith wrote it. It is long.", ["J. Smith wrote it.", "It is long."]),
    ("times", "Open until 5 p.m. Monday to Friday.", ["Open until 5 p.m. Monday to Friday."]),
    ("decimals", "It costs 3.50 EUR. Pay now.", ["It costs 3.50 EUR.", "Pay now."]),
    ("quotes", "He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
    ("bold end", "This is **important.** Read it.", ["This is **important.**", "Read it."]),
    ("chinese", "你好。 再见。好", ["你好。", "再见。", "好"]),
    ("wrapped", "One line\ngoes on. Two.", ["One line\ngoes on.", "Two."]),
    ("paragraphs", "No full stop\n\nAnother", ["No full stop", "Another"]),
    ("headings", "# Head\nText here.\n## More\nOther.", ["Text here.", "Other."]),
    ("list", "- one\n- two. Three.\n  goes on\n* four", ["one", "two.", "Three.\n  goes on", "four"]),
    ("numbered", "1. Open it.\n2) Close it.\n", ["Open it.", "Close it."]),
    ("table", "| a | b |\n|---|---|\n| 1. A | 2 |", ["| 1. A | 2 |"]),
    ("code", "Run it:\n```\nx = 1. Y\n\nprint(x)\n```\nDone.", ["Run it:", "x = 1. Y", "print(x)", "Done."]),
    ("rules", "One.\n\n---\n\nTwo.\n***\n", ["One.", "Two."]),
    ("nothing", "\n \n# Only a heading\n", []),
]


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in CASES], ids=[each[0] for each in CASES])
def test_text_is_cut_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert _cut(text) == expected


def test_sentences_know_their_block_and_kind() -> None:
    text = "One. Two.\n\n- item. More.\n| a |\n```\ncode\n```"
    assert [(each.block, each.kind) for each in sentences(text)] == [
        (0, "prose"),
        (0, "prose"),
        (1, "item"),
        (1, "item"),
        (2, "row"),
        (3, "code"),
    ]


def test_a_sentence_says_where_it_is() -> None:
    assert sentences("  Hello. ") == [Sentence(2, 8, 0, "prose")]


HOSTILE = {
    "spaces": "\n" + " " * 200_000 + "b",
    "dots": "." * 200_000,
    "dot and spaces": ("." + " " * 1000) * 200,
    "dot and stars": "." + "*" * 200_000,
    "dashes": "-" * 200_000 + "x",
    "spaced rule": "- " * 100_000 + "x",
    "abbreviations": "e.g. A " * 30_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_quadratic_time(text: str) -> None:
    started = time.perf_counter()
    sentences(text)
    assert time.perf_counter() - started < 2
