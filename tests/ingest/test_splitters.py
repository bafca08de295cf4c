"""Splitting loses nothing, says exactly where each chunk is, and never makes one the embedder would cut."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.loaders.outline import find_headings
from ingest.splitters.structure import StructureSplitter
from ragbot.core.text import embedding_text
from ragbot.core.types import Chunk, Document, PageSpan
from ragbot.testing.embedder import HashModel

MODEL = HashModel()
PIECES = [
    "word ",
    "Sentence one. ",
    "\n",
    "\n\n",
    "\n# Head\n",
    "\n## Part\n",
    "\n### Deep part\n",
    "- item\n",
    "| a | b |\n",
]
MORE = [
    "long words without end " * 20,
    "x" * 300,
    "密码。重置！",
    "[a](http://x.org/y_(z)) ",
    "```\ncode\n```\n",
    "\t",
    "🙂 ",
]
TEXTS = st.lists(st.sampled_from([*PIECES, *MORE]) | st.text(max_size=20), max_size=40).map("".join)


def _document(text: str, title: str = "Guide", pages: tuple[PageSpan, ...] = ()) -> Document:
    return Document(text=text, title=title, headings=find_headings(text), pages=pages)


def _split(text: str, title: str = "Guide", *, most: int = 40, merge: int = 10) -> list[Chunk]:
    return StructureSplitter(MODEL, chunk_tokens=most, merge_tokens=merge).split(_document(text, title))


@given(TEXTS, st.sampled_from(["", "Guide", "A very long title " * 30]), st.sampled_from([32, 60, 220, 1000]))
@settings(deadline=None, max_examples=150)
def test_nothing_is_lost_moved_or_too_long(text: str, title: str, most: int) -> None:
    splitter = StructureSplitter(MODEL, chunk_tokens=most, merge_tokens=10)
    document = _document(text, title)
    chunks = splitter.split(document)
    assert chunks == splitter.split(document)
    end = 0
    for number, chunk in enumerate(chunks):
        assert chunk.ordinal == number
        assert chunk.text == text[chunk.char_start : chunk.char_end]
        assert chunk.text == chunk.text.strip() != ""
        assert not text[end : chunk.char_start].strip(), "text between two chunks was lost"
        end = chunk.char_end
        assert MODEL.count([embedding_text(chunk.context, chunk.text)])[0] <= min(most, MODEL.max_tokens)
    assert not text[end:].strip(), "text after the last chunk was lost"


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n", "\u3000\u2003"])
def test_a_text_without_words_has_no_chunks(text: str) -> None:
    assert _split(text) == []


def test_each_chunk_stands_under_its_headings() -> None:
    body = "many words of text here and there " * 3
    text = f"intro {body}\n# One\n{body}\n## Sub\n{body}\n### Deep\n{body}\n## Other\n{body}\n# Two\n{body}"
    chunks = _split(text, merge=0)
    assert [chunk.heading_path for chunk in chunks] == [
        (),
        ("One",),
        ("One", "Sub"),
        ("One", "Sub", "Deep"),
        ("One", "Other"),
        ("Two",),
    ]
    assert chunks[3].context == "Guide > One > Sub > Deep"


def test_a_bare_heading_joins_what_it_introduces() -> None:
    chunks = _split("# Chapter\n\n## Section\n\n" + "Some words here.\n\n" * 20, most=40)
    assert chunks[0].text.startswith("# Chapter\n\n## Section\n\nSome words")
    assert chunks[0].heading_path == ("Chapter", "Section")
    assert len(chunks) > 1


def test_a_bare_heading_joins_a_paragraph_longer_than_a_chunk() -> None:
    long = " ".join(f"word{i}" for i in range(60))
    chunks = _split(f"# Chapter\n\n## Section\n\n{long}", most=40)
    assert chunks[0].text.startswith("# Chapter\n\n## Section\n\nword0")
    assert chunks[0].heading_path == ("Chapter", "Section")
    assert len(chunks) > 1


def test_a_last_heading_without_content_is_kept() -> None:
    assert [chunk.text for chunk in _split("# One\n" + "word " * 30 + "\n# Two", merge=0)][-1] == "# Two"


def test_small_sections_of_one_parent_are_joined_under_what_they_share() -> None:
    chunks = _split("# One\n\n## A\nshort a\n\n## B\nshort b\n\n## C\nshort c", most=100, merge=20)
    assert [chunk.heading_path for chunk in chunks] == [("One",)]
    assert chunks[0].text.endswith("short c")


def test_sections_of_different_parents_are_not_joined() -> None:
    chunks = _split("# One\n## A\nshort a\n# Two\n## B\nshort b", most=100, merge=20)
    assert [chunk.heading_path for chunk in chunks] == [("One", "A"), ("Two", "B")]


def test_long_sections_are_cut_between_paragraphs_before_sentences_and_words() -> None:
    paragraphs = [" ".join(f"{letter}{i}" for i in range(20)) + "." for letter in "abcd"]
    chunks = _split("\n\n".join(paragraphs), "", most=32)
    assert [chunk.text for chunk in chunks] == paragraphs


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "密" * 200_000, "word " * 100_000, "a\n" * 100_000, "\n" + " " * 300_000 + "b"],
    ids=["no space", "no space, no letters", "one line", "short lines", "only spaces"],
)
def test_a_huge_text_of_one_kind_takes_seconds(text: str) -> None:
    started = time.perf_counter()
    chunks = _split(text, most=220)
    assert time.perf_counter() - started < 5
    assert sum(len("".join(chunk.text.split())) for chunk in chunks) == len("".join(text.split()))


def test_chunks_know_their_pages() -> None:
    texts = [" ".join(f"p{page}w{i}" for i in range(15)) for page in range(1, 5)]
    text, spans, start = "\n\n".join(texts), [], 0
    for number, page in enumerate(texts, start=1):
        spans.append(PageSpan(number, start, start + len(page)))
        start += len(page) + 2
    splitter = StructureSplitter(MODEL, chunk_tokens=40, merge_tokens=0)
    chunks = splitter.split(_document(text, "", tuple(spans)))
    for chunk in chunks:
        words = chunk.text.split()
        assert chunk.page_start == int(words[0][1])
        assert chunk.page_end == int(words[-1][1])
    assert chunks[0].page_start == 1
    assert chunks[-1].page_end == 4


def test_a_document_without_pages_has_none() -> None:
    assert {(chunk.page_start, chunk.page_end) for chunk in _split("some words")} == {(None, None)}


def test_headings_inside_code_are_text() -> None:
    (chunk,) = _split("# One\n```\n# not a heading\n```\ntext", most=100)
    assert chunk.heading_path == ("One",)


def test_a_title_longer_than_a_chunk_leaves_room_for_the_text() -> None:
    chunks = _split("word " * 50, "title " * 500, most=60)
    assert len(chunks) <= 3
    assert all(MODEL.count([chunk.context])[0] - 2 <= 20 for chunk in chunks)


@pytest.mark.parametrize(("most", "merge"), [(40, 11), (41, 10), (10_000, 10)])
def test_the_fingerprint_changes_with_whatever_changes_the_chunks(most: int, merge: int) -> None:
    base = StructureSplitter(MODEL, chunk_tokens=40, merge_tokens=10)
    assert StructureSplitter(MODEL, chunk_tokens=most, merge_tokens=merge).fingerprint != base.fingerprint


def test_more_tokens_than_the_model_reads_are_never_used() -> None:
    splitter = StructureSplitter(MODEL, chunk_tokens=10_000)
    assert splitter.fingerprint == StructureSplitter(MODEL, chunk_tokens=MODEL.max_tokens).fingerprint
