"""Identifiers follow from content and from nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.ids import chunk_id, digest, document_id, revision_key, sha256, vector_key

PARTS = st.lists(st.text().filter(lambda text: "\x1f" not in text), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_other_parts_give_another_digest(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_the_border_between_parts_counts() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("a") != digest("a", "")


def test_digests_have_their_length_and_bytes_count_as_text() -> None:
    assert len(digest("a", length=7)) == 7
    assert digest("ü") == digest("ü".encode())


def test_a_lone_surrogate_is_no_error() -> None:
    assert len(document_id("file:///\udcff")) == 24


@given(st.integers(0, 99_998))
def test_chunk_ids_sort_as_the_text_goes(ordinal: int) -> None:
    assert chunk_id("r", ordinal) < chunk_id("r", ordinal + 1)


def test_each_part_of_a_reading_makes_another_revision() -> None:
    base = ("doc", "sha", "markdown@1", "structure@1")
    keys = {revision_key(*base)}
    for changed in range(4):
        keys.add(revision_key(*(f"{part}x" if i == changed else part for i, part in enumerate(base))))
    assert len(keys) == 5


def test_a_vector_belongs_to_a_model_and_a_text() -> None:
    assert len(vector_key("m", "t")) == 20
    assert len({vector_key("m", "t"), vector_key("n", "t"), vector_key("m", "u")}) == 3


def test_a_files_digest_is_the_one_sha256sum_prints() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
