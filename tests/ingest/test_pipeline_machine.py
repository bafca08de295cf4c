"""Whatever happens to a folder, an index that followed it equals one made afresh."""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ragbot.index.doctor import diagnose
from ragbot.index.generations import Generations
from ragbot.index.keywords import KeywordIndex
from ragbot.index.layout import DataDir
from ragbot.index.writer import IndexWriter
from ragbot.testing.embedder import HashModel
from ragbot.testing.vectors import MemoryVectorStore
from tests.index.kit import contents, writing
from tests.ingest.pipeline_kit import InterruptedModel, ingest_with

NAMES = st.sampled_from(["a.md", "b.md", "c.txt", "sub/a.md", "sub/deep/d.md", "empty.md"])
SENTENCES = ["red apples are sweet", "the invoice was paid", "open at nine", "password reset", "ship it on monday"]
TEXTS = st.lists(st.sampled_from([*(f"{each}. " * 6 for each in SENTENCES), "\n\n## Head\n\n"]), max_size=5).map(
    "".join
)


class FolderMachine(RuleBasedStateMachine):
    """A folder, the index that follows it, and after each ingest an index made afresh in memory and on disk."""

    def __init__(self) -> None:
        super().__init__()
        self._scratch = tempfile.TemporaryDirectory()
        self.base = Path(self._scratch.name)
        self.folder = self.base / "kb"
        self.folder.mkdir()
        self.gone: dict[str, str] = {}
        self.runs = 0

    def teardown(self) -> None:
        self._scratch.cleanup()

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    @initialize(text=TEXTS)
    def begin(self, text: str) -> None:
        (self.folder / "first.md").write_text(text)

    @rule(name=NAMES, text=TEXTS, follow=st.booleans())
    def write(self, name: str, text: str, follow: bool) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if follow:
            self.ingest(1)

    @precondition(lambda self: self.files)
    @rule(data=st.data(), follow=st.booleans())
    def delete(self, data: st.DataObject, follow: bool) -> None:
        path = data.draw(st.sampled_from(self.files))
        self.gone[path.relative_to(self.folder).as_posix()] = path.read_text()
        path.unlink()
        if follow:
            self.ingest(1)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def add_again(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.gone)))
        self.write(name, self.gone.pop(name), follow=True)

    @precondition(lambda self: self.files)
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        source = data.draw(st.sampled_from(self.files))
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        source.rename(self.folder / name)

    @rule(batches=st.integers(0, 1), prune=st.booleans())
    def ingest_and_be_interrupted(self, batches: int, prune: bool) -> None:
        model = InterruptedModel(batches)
        with writing(self.base / "data") as writer, suppress(KeyboardInterrupt):
            ingest_with(writer, [self.folder], model, prune=prune)

    @rule()
    def gather(self) -> None:
        with writing(self.base / "data") as writer:
            writer.gather(force=True)

    @rule(times=st.integers(1, 2))
    def ingest(self, times: int) -> None:
        """After it, everything equals a fresh index; a second time it embeds nothing."""
        for repeated in range(times):
            model = HashModel()
            with writing(self.base / "data") as writer:
                ingest_with(writer, [self.folder], model, prune=True)
                assert diagnose(writer).findings == ()
            assert not (repeated and model.embedded)
        self._compare()

    def _compare(self) -> None:
        self.runs += 1
        fresh = DataDir(self.base / f"fresh{self.runs}")
        fresh.create()
        keywords = KeywordIndex(fresh.keywords, writable=True)
        writer = IndexWriter(fresh.catalog, keywords, Generations(MemoryVectorStore()), HashModel().fingerprint)
        ingest_with(writer, [self.folder], HashModel(), prune=True)
        ids, vectors = writer.vectors()
        live = writer.live_ids()
        documents = [(row.source, row.state, row.sha256, row.chunks) for row in writer.documents()]
        chunks = [tuple(row) for row in writer.rows("SELECT chunk_id, text, vector_key FROM chunks ORDER BY chunk_id")]
        writer.close()
        keywords.close()
        found = contents(self.base / "data")
        assert [(row[0], row[3], row[4], row[6]) for row in found.documents] == documents
        assert [(row[0], row[2], row[9]) for row in found.chunks] == chunks
        assert found.leftovers == []
        assert found.keywords == keywords.ids() == live
        assert found.vectors == set(ids) == live
        assert found.embedded == {name: vector.tobytes() for name, vector in zip(ids, vectors, strict=True)}


FolderMachine.TestCase.settings = settings(
    max_examples=10,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestAnIndexThatFollowedAFolder = FolderMachine.TestCase
