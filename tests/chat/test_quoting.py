"""From sentences to an answer whose every marker leads to the words it stands behind."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.chat.quoting import Quote
from ragbot.chat.quoting import compose as composed
from ragbot.core.sentences import sentences
from ragbot.core.types import Citation, Hit
from ragbot.testing.passages import passage


def compose(chosen: list[Quote]) -> tuple[str, tuple[Citation, ...]]:
    """The whole text and all citations."""
    made = composed(chosen)
    return "".join(text for text, _ in made), tuple(citation for _, citation in made)


def quotes(text: str, rank: int = 1, start: int = 100) -> list[Quote]:
    """Every sentence of a passage that stands at ``start`` in its document."""
    hit = Hit(rank, passage(f"p{rank}", text, char_start=start, page=rank), 0.5)
    return [Quote(hit, each.start, each.end, each.block, each.kind) for each in sentences(text)]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("One thing. Another thing.", "One thing. [1] Another thing. [2]"),
        ("One thing.\n\nAnother thing.", "One thing. [1] Another thing. [2]"),
        ("- Open it.\n- Close it.", "- Open it. [1]\n- Close it. [2]"),
        ("- Open it. Then wait.\n- Close it.", "- Open it. [1] Then wait. [2]\n- Close it. [3]"),
        ("Do this:\n\n- Open it.", "Do this: [1]\n- Open it. [2]"),
        ("It is **very** [nice](https://x.org/a).", "It is very nice. [1]"),
        ("```\npip install x\n```", "`pip install x` [1]"),
    ],
)
def test_sentences_are_joined_as_they_stand(text: str, answer: str) -> None:
    assert compose(quotes(text))[0] == answer


def test_another_source_starts_a_new_line() -> None:
    text, citations = compose([*quotes("One thing."), *quotes("Another thing.", rank=2)])
    assert text == "One thing. [1]\nAnother thing. [2]"
    assert [citation.source for citation in citations] == ["p1.md", "p2.md"]
    assert [citation.page_start for citation in citations] == [1, 2]


def test_nothing_chosen_is_an_empty_answer() -> None:
    assert compose([]) == ("", ())


def test_brackets_of_the_document_never_pass_for_markers() -> None:
    text, citations = compose(quotes("As shown before [2], it works [17]. See also a[0]."))
    assert [int(n) for n in re.findall(r"\[(\d+)\]", text)] == [citation.n for citation in citations]
    assert "(2)" in text
    assert "[2]" in citations[0].quote, "the quote stays exactly what the document says"


pieces = st.lists(
    st.sampled_from(
        ["One thing.", "Is it?", "- An item.", "- Two. Sentences.", "", "| a | b |", "```", "x = a[1]", "# H"]
    ),
    max_size=12,
)


@given(pieces, pieces)
def test_every_marker_has_a_citation_that_points_at_its_words(one: list[str], other: list[str]) -> None:
    first, second = "\n".join(one), "\n".join(other)
    chosen = [*quotes(first), *quotes(second, rank=2, start=7)]
    text, citations = compose(chosen)
    assert [int(n) for n in re.findall(r"\[(\d+)\]", text)] == [citation.n for citation in citations]
    assert [citation.n for citation in citations] == list(range(1, len(chosen) + 1))
    for citation, quote in zip(citations, chosen, strict=True):
        said = text[citation.answer_start : citation.answer_end]
        assert text[citation.answer_end :].startswith(f" [{citation.n}]")
        assert re.findall(r"\w+", said) == re.findall(r"\w+", citation.quote)
        passage_text = quote.hit.chunk.text
        offset = quote.hit.chunk.char_start
        assert passage_text[citation.char_start - offset : citation.char_end - offset] == citation.quote
