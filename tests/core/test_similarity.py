"""Near-identical passages share most of their words in a row."""

from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.similarity import overlap, shingles

TEXTS = st.lists(st.sampled_from(["red", "green", "blue", "old", "new"]), max_size=12).map(" ".join)


@given(TEXTS, TEXTS)
def test_overlap_is_symmetric_and_between_zero_and_one(one: str, other: str) -> None:
    found = overlap(shingles(one), shingles(other))
    assert 0.0 <= found <= 1.0
    assert found == overlap(shingles(other), shingles(one))


@given(TEXTS.filter(bool))
def test_a_text_overlaps_itself_wholly(text: str) -> None:
    assert overlap(shingles(text), shingles(text.upper() + " !")) == 1.0


def test_empty_texts_do_not_resemble_each_other() -> None:
    assert overlap(shingles(""), shingles("…")) == 0.0


def test_one_changed_word_of_many_still_resembles_and_another_order_does_not() -> None:
    words = [f"w{i}" for i in range(60)]
    changed = [*words[:30], "other", *words[31:]]
    assert overlap(shingles(" ".join(words)), shingles(" ".join(changed))) > 0.85
    assert overlap(shingles("one two three four five"), shingles("five four three two one")) == 0.0


def test_texts_shorter_than_a_shingle_are_one_run() -> None:
    assert shingles("Hello, World") == {("hello", "world")}
    assert shingles("a b c d", size=2) == {("a", "b"), ("b", "c"), ("c", "d")}
