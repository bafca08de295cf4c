"""One ingest in this process: the real pipeline, loaders, splitter and index, with the hashing model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.loaders.registry import load_document, pick
from ingest.pipeline import IngestPipeline, Reading
from ingest.report import IngestReport
from ingest.sources.files import FileSource
from ingest.splitters.structure import StructureSplitter
from ragbot.index.writer import IndexWriter
from ragbot.testing.embedder import HashModel
from tests.index.kit import writing

if TYPE_CHECKING:
    from ragbot.core.ports import Vectors


class Silent:
    """A ``Progress`` that keeps what it was told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None]] = []

    def start(self, stage: str, total: int | None) -> None:
        self.stages.append((stage, total))

    def advance(self, count: int = 1) -> None:
        pass


class InterruptedModel(HashModel):
    """Embeds ``calls`` batches and is then interrupted, as by Ctrl-C."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self._calls = calls

    def embed_documents(self, texts: Sequence[str]) -> "Vectors":
        if self._calls == 0:
            raise KeyboardInterrupt
        self._calls -= 1
        return super().embed_documents(texts)


def ingest_with(
    writer: IndexWriter, folders: Sequence[Path], model: HashModel, *, prune: bool = False, merge: int = 40
) -> IngestReport:
    """One run over folders with an open writer."""
    return run_sources(
        writer, [FileSource(each, max_bytes=1_000_000) for each in folders], model, prune=prune, merge=merge
    )


def run_sources(
    writer: IndexWriter, sources: Sequence[FileSource], model: HashModel, *, prune: bool = False, merge: int = 40
) -> IngestReport:
    """One run over sources with an open writer."""
    splitter = StructureSplitter(model, chunk_tokens=60, merge_tokens=merge)
    pipeline = IngestPipeline(writer, Reading(pick, load_document, splitter), model, Silent())
    return pipeline.run(sources, prune=prune)


def ingest(
    data: Path, *folders: Path, model: HashModel | None = None, prune: bool = False, merge: int = 40
) -> tuple[IngestReport, list[str]]:
    """One run as a process would do it; the report, and the texts that were embedded."""
    model = model or HashModel()
    with writing(data) as writer:
        report = ingest_with(writer, folders, model, prune=prune, merge=merge)
    return report, model.embedded


def counts(report: IngestReport) -> dict[str, int]:
    """The counts that are not zero."""
    names = ("added", "updated", "skipped", "deleted", "failed", "ignored")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def write(folder: Path, **texts: str) -> None:
    """Markdown files by stem; ``__`` stands for a folder."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
