"""What every ``VectorStore`` must do. Subclass it in your tests and say how a store is made:

    class TestMyStore(VectorStoreContract):
        def make_store(self, directory: Path) -> VectorStore:
            return MyStore(directory)

Each failing assertion says what to mend.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ragbot.core.errors import IndexDamagedError
from ragbot.testing.vectors import MemoryVectorStore

if TYPE_CHECKING:
    from ragbot.core.ports import Vectors, VectorStore

_DIMENSION = 32


class VectorStoreContract:
    """Tests named after what they hold; they need pytest's ``tmp_path`` and nothing else."""

    def make_store(self, directory: Path) -> "VectorStore":
        """A store that keeps its collections under ``directory``."""
        raise NotImplementedError

    def test_build_gives_the_size_and_open_finds_everything_built(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(50)
        size = store.build("one", _batches(_names(50), vectors, 7))
        assert size == 50, "build() must give the number of vectors over all batches, not of the last one"
        reader = store.open("one")
        found = reader.ids()
        reader.close()
        assert found == set(_names(50)), "ids() must give every id of every batch"

    def test_search_gives_the_nearest_first_scored_by_cosine(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(60)
        store.build("one", _batches(_names(60), vectors, 60))
        reader = store.open("one")
        found = reader.search(vectors[3], 10)
        reader.close()
        scores = [each.score for each in found]
        assert found[0].chunk_id == "chunk-00003", "the vector itself must be its own nearest neighbour"
        assert scores == sorted(scores, reverse=True), "search() must give the best first; a distance is no score"
        exact = vectors @ vectors[3]
        for each in found:
            true = float(exact[int(each.chunk_id[-5:])])
            assert abs(each.score - true) < 1e-4, "a score must be the cosine: convert the engine's distance"

    def test_search_honours_its_limit(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(20)
        store.build("one", _batches(_names(20), vectors, 20))
        reader = store.open("one")
        sizes = {limit: len(reader.search(vectors[0], limit)) for limit in (0, 1, 20)}
        reader.close()
        assert sizes == {0: 0, 1: 1, 20: 20}, "search() must give exactly min(limit, size) candidates"

    def test_more_wanted_than_there_is_gives_what_there_is(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(5)
        store.build("one", _batches(_names(5), vectors, 5))
        reader = store.open("one")
        found = reader.search(vectors[0], 1000)
        reader.close()
        assert len(found) == 5, "a limit above the size is usual (over-fetching) and must not fail"

    def test_an_empty_collection_is_a_collection(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        assert store.build("none", iter(())) == 0, "after everything was deleted, an empty collection is built"
        reader = store.open("none")
        found, ids = reader.search(_clustered(1)[0], 5), reader.ids()
        reader.close()
        assert (found, ids) == ([], set()), "an empty collection is searched like any other and finds nothing"

    def test_names_lists_what_was_built_and_drop_removes_it(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        assert store.names() == [], "a store that never wrote anything has no names, and making it writes nothing"
        for name in ("gen-000001", "gen-000002"):
            store.build(name, _batches(_names(3), _clustered(3), 3))
        assert sorted(store.names()) == ["gen-000001", "gen-000002"], "names() must list every collection"
        store.drop("gen-000001")
        store.drop("never-was")
        assert store.names() == ["gen-000002"], "drop() must remove the one named and stay calm about unknown ones"
        store.open("gen-000002").close()

    def test_building_under_the_same_name_replaces(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(8)
        store.build("one", _batches(_names(8), vectors, 8))
        store.build("one", _batches(["other"], vectors[:1], 1))
        reader = store.open("one")
        found = reader.ids()
        reader.close()
        assert found == {"other"}, "build() must start from nothing: a killed writer may have left half a collection"

    def test_an_interrupted_build_can_be_done_again(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(8)
        try:
            store.build("one", _interrupted(_names(8), vectors))
        except KeyboardInterrupt:
            pass
        else:
            raise AssertionError("build() must let an interruption of its items through")
        assert store.build("one", _batches(_names(8), vectors, 8)) == 8, "and leave nothing that blocks the next try"
        reader = store.open("one")
        found = reader.ids()
        reader.close()
        assert found == set(_names(8)), "the second try must hold everything"

    def test_a_missing_collection_is_damage_with_a_remedy(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        said: IndexDamagedError | None = None
        try:
            store.open("gen-000007")
        except IndexDamagedError as error:
            said = error
        assert said is not None, "open() of a missing collection must raise IndexDamagedError, not make a new one"
        assert "gen-000007" in said.message, "the message must name the collection"
        assert said.remedy, "the error must say what to do"
        assert store.names() == [], "a failed open() must not leave a collection behind"

    def test_recall_against_an_exact_scan(self, tmp_path: Path) -> None:
        vectors = _clustered(2000)
        exact = MemoryVectorStore()
        store = self.make_store(tmp_path)
        for each in (exact, store):
            each.build("one", _batches(_names(2000), vectors, 500))
        reader, truth = store.open("one"), exact.open("one")
        shares = []
        for query in _clustered(40, seed=2):
            expected = {each.chunk_id for each in truth.search(query, 50)}
            shares.append(len(expected & {each.chunk_id for each in reader.search(query, 50)}) / 50)
        reader.close()
        recall = float(np.mean(shares))
        assert recall >= 0.95, f"recall@50 is {recall:.3f}: raise the search breadth of the index (DESIGN decision 4)"

    def test_two_readers_at_once_answer_alike_and_close_apart(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(300)
        store.build("one", _batches(_names(300), vectors, 100))
        first, second = store.open("one"), store.open("one")
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda i: (first, second)[i % 2].search(vectors[i // 2], 5), range(40)))
        for one, other in zip(answers[::2], answers[1::2], strict=True):
            assert one == other, "readers of one collection must agree, from any thread"
        first.close()
        assert second.search(vectors[0], 1), "closing one reader must not close the other"
        second.close()

    def test_a_reader_goes_on_while_other_collections_come_and_go(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path)
        vectors = _clustered(30)
        store.build("gen-000001", _batches(_names(30), vectors, 30))
        reader = store.open("gen-000001")
        before = reader.search(vectors[0], 5)
        store.build("gen-000002", _batches(["new"], vectors[:1], 1))
        store.open("gen-000002").close()
        store.drop("gen-000002")
        assert reader.search(vectors[0], 5) == before, "a collection never changes under its reader"
        reader.close()


def _names(count: int) -> list[str]:
    return [f"chunk-{i:05d}" for i in range(count)]


def _clustered(count: int, *, seed: int = 1) -> "Vectors":
    """Vectors of length 1 around twenty centres, as texts on twenty subjects would give."""
    centres = np.random.default_rng(0).normal(size=(20, _DIMENSION))
    generator = np.random.default_rng(seed)
    points = centres[generator.integers(0, 20, count)] + 0.7 * generator.normal(size=(count, _DIMENSION))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


def _batches(ids: Sequence[str], vectors: "Vectors", size: int) -> "Iterator[tuple[Sequence[str], Vectors]]":
    for start in range(0, len(ids), size):
        yield ids[start : start + size], vectors[start : start + size]


def _interrupted(ids: Sequence[str], vectors: "Vectors") -> "Iterator[tuple[Sequence[str], Vectors]]":
    yield ids[:4], vectors[:4]
    raise KeyboardInterrupt
