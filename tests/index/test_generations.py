"""Chroma collections come and go; what is found stays the same."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ragbot.index.chroma import ChromaStore
from ragbot.index.generations import Generations
from ragbot.index.keywords import KeywordIndex
from ragbot.index.layout import DataDir
from ragbot.index.writer import IndexWriter
from ragbot.testing.embedder import HashModel
from tests.index.kit import EVERYONE, by_vector, contents, delete, publish, reading, writing

WORDS = ("apple", "pear", "plum", "cherry", "grape", "lemon", "melon", "peach", "mango", "quince")


def _texts(start: int, stop: int) -> dict[str, str]:
    generator = np.random.default_rng(start)
    return {f"{i:03d}.md": " ".join([f"item{i}", *generator.choice(WORDS, 6)]) for i in range(start, stop)}


def test_the_first_gather_builds_a_collection_and_a_small_tail_does_not(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        assert not writer.gather()
        publish(writer, _texts(0, 5))
        assert writer.gather()
        publish(writer, _texts(5, 10))
        assert not writer.gather()
        assert writer.meta("generation") == "gen-000001"


@pytest.mark.parametrize(
    ("size", "live", "tail", "due"),
    [
        (0, 0, 500, False),
        (0, 0, 501, True),
        (10_000, 10_000, 1000, False),
        (10_000, 10_000, 1001, True),
        (600, 99, 0, True),
        (600, 100, 0, False),
    ],
)
def test_a_collection_is_due_when_its_tail_or_its_dead_are_many(size: int, live: int, tail: int, due: bool) -> None:
    from ragbot.index.catalog import Snapshot
    from ragbot.testing.vectors import MemoryVectorStore

    assert Generations(MemoryVectorStore()).due(Snapshot(1, "gen-000001", size, live), tail) is due


async def test_the_exact_scan_and_the_collection_give_the_same(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, _texts(0, 80))
        query = HashModel().embed_query("pear plum item7")
        scanned, _ = await reader.dense(query, 20, EVERYONE)
        writer.gather(force=True)
        searched, notes = await reader.dense(query, 20, EVERYONE)
        assert notes == []
        assert [each.chunk_id for each in searched[:10]] == [each.chunk_id for each in scanned[:10]]
        assert np.allclose([each.score for each in searched], [each.score for each in scanned], atol=1e-5)


async def test_collection_and_tail_are_searched_as_one(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, _texts(0, 40), gather=True)
        publish(writer, _texts(40, 60))
        query = HashModel().embed_query("cherry grape item3 item50")
        found, _ = await reader.dense(query, 15, EVERYONE)
        ids, vectors = writer.vectors()
        best = sorted(zip((vectors @ query).tolist(), ids, strict=True), key=lambda pair: (-pair[0], pair[1]))
        assert [round(each.score, 4) for each in found] == [round(score, 4) for score, _ in best[:15]]


async def test_a_reader_opened_before_goes_on_through_new_collections(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, _texts(0, 10), gather=True)
        assert len(await by_vector(reader, "item1", limit=50)) == 10
        for number in range(1, 5):
            publish(writer, _texts(10 * number, 10 * number + 10), gather=True)
            if number != 2:  # once it sleeps through two generations, and what it has open is dropped
                assert len(await by_vector(reader, "item1", limit=90)) == 10 * number + 10
        assert ChromaStore(DataDir(tmp_path).vectors).names() == ["gen-000004", "gen-000005"]


async def test_a_reader_that_lives_long_keeps_at_most_two_collections_open(tmp_path: Path) -> None:
    def still_open() -> set[str]:
        links = [os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
        return {link.split("/vectors/")[1].split("/")[0] for link in links if f"{tmp_path}/vectors/" in link}

    with writing(tmp_path) as writer:
        with reading(tmp_path) as reader:
            for number in range(6):
                publish(writer, _texts(number, number + 1), gather=True)
                assert len(await by_vector(reader, "item1")) == number + 1
            assert still_open() == {"gen-000005", "gen-000006"}
        deadline = time.perf_counter() + 5  # Chroma lets go of its files a moment after close()
        while still_open() and time.perf_counter() < deadline:
            time.sleep(0.02)  # noqa: ASYNC251 - nothing else runs here
        assert still_open() == set()


async def test_dead_entries_are_fetched_over(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        near = {f"near{i:02d}.md": f"apple pear plum number{i}" for i in range(30)}
        publish(writer, near | {f"far{i}.md": f"apple grape number{i}" for i in range(5)}, gather=True)
        delete(writer, *near)
        assert len(await by_vector(reader, "apple pear plum", limit=5)) == 5


async def test_more_dead_entries_than_are_fetched_over_do_not_hide_what_lives(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        near = {f"near{i:03d}.md": f"apple pear plum number{i}" for i in range(120)}
        publish(writer, near | {f"far{i}.md": f"apple grape number{i}" for i in range(3)}, gather=True)
        delete(writer, *near)
        assert len(await by_vector(reader, "apple pear plum", limit=3)) == 3


async def test_an_index_emptied_and_gathered_finds_nothing_and_goes_on(tmp_path: Path) -> None:
    with writing(tmp_path) as writer, reading(tmp_path) as reader:
        publish(writer, _texts(0, 3), gather=True)
        delete(writer, "000.md", "001.md", "002.md")
        writer.gather(force=True)
        assert await by_vector(reader, "item1") == []
        publish(writer, _texts(3, 5))
        assert len(await by_vector(reader, "item3")) == 2
    assert contents(tmp_path).leftovers == []


def test_a_half_built_collection_is_dropped_by_the_next_writer(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, _texts(0, 3), gather=True)
    half = DataDir(tmp_path).vectors / "gen-000002"
    half.mkdir()
    (half / "chroma.sqlite3").write_bytes(b"half")
    with writing(tmp_path) as writer:
        assert not half.exists()
        writer.gather(force=True)
    assert contents(tmp_path).vectors == {row[0] for row in contents(tmp_path).chunks}


async def test_a_collection_lost_under_a_reader_is_answered_from_the_catalog_with_a_note(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, _texts(0, 5), gather=True)
    ChromaStore(DataDir(tmp_path).vectors).drop("gen-000001")
    with reading(tmp_path) as reader:
        found, notes = await reader.dense(HashModel().embed_query("item1"), 3, EVERYONE)
        assert len(found) == 3
        assert "gen-000001" in notes[0]
        assert "doctor --repair" in notes[0]


def test_unused_vectors_are_kept_for_their_days_and_then_forgotten(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    place = DataDir(tmp_path)
    place.create()
    keywords = KeywordIndex(place.keywords, writable=True)
    generations = Generations(ChromaStore(place.vectors))
    writer = IndexWriter(place.catalog, keywords, generations, HashModel().fingerprint, lambda: now[0])
    publish(writer, {"a.md": "one", "b.md": "two"})
    delete(writer, "a.md")
    assert writer.forget_unused_vectors(30) == 0
    now[0] += timedelta(days=29)
    assert writer.forget_unused_vectors(30) == 0
    now[0] += timedelta(days=2)
    assert writer.forget_unused_vectors(30) == 1
    delete(writer, "b.md")
    assert writer.forget_unused_vectors(0) == 1
    assert writer.value("SELECT count(*) FROM vectors") == 0
    writer.close()
    keywords.close()


def test_a_vector_that_is_read_again_is_no_longer_unused(tmp_path: Path) -> None:
    model = HashModel()
    with writing(tmp_path) as writer:
        publish(writer, {"a.md": "one"})
        delete(writer, "a.md")
        writer.forget_unused_vectors(30)
        publish(writer, {"a.md": "one"})
        writer.forget_unused_vectors(30)
        assert writer.value("SELECT count(*) FROM vectors WHERE unused_since IS NULL") == 1
        assert writer.pending_count() == 0
    assert model.embedded == []
