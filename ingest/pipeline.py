"""Ingestion on one screen: read what changed, make it findable by keyword, embed it, let go of what is gone.

The catalog is the queue. Whatever is committed there is not done again by the run after a crash: a staged
revision is not parsed again, a stored vector is not computed again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

from ingest.report import Failure, Ignored, IngestReport
from ragbot.core.errors import DocumentError, UnsupportedError
from ragbot.core.ids import sha256
from ragbot.core.types import Blob, Document
from ragbot.index.roots import Known, Root, adopt_root, known_paths
from ragbot.index.writer import IndexWriter, Staged, Switched

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder, Loader, Source, Splitter

_STAGE_DOCUMENTS = 64
_STAGE_SECONDS = 1.0
_WINDOW = 1024
"""Texts embedded between two publications: enough for batches of equal length, few enough to lose little."""


class Progress(Protocol):
    """Where the run stands, for people."""

    def start(self, stage: str, total: int | None) -> None: ...

    def advance(self, count: int = 1) -> None: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How documents are read: which loader takes a blob, how it is run, how the text is split."""

    pick: "Callable[[Blob], Loader]"
    load: Callable[[Blob], Document]
    splitter: "Splitter"

    def reader(self, blob: Blob) -> str:
        """Names loader and version; when it changes, unchanged files are read again."""
        loader = self.pick(blob)
        return f"{loader.name}@{loader.version}"


class IngestPipeline:
    """One run over some sources with the one writer."""

    def __init__(
        self,
        writer: IndexWriter,
        reading: Reading,
        embedder: "Embedder",
        progress: Progress,
        *,
        cache_days: float = 30,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._writer = writer
        self._reading = reading
        self._embedder = embedder
        self._progress = progress
        self._cache_days = cache_days
        self._timer = timer
        self._report = IngestReport()
        self._batch: list[Staged] = []
        self._batch_started = 0.0
        self._completed: set[str] = set()
        self._loading = False

    def run(self, sources: "Sequence[Source]", *, prune: bool = False) -> IngestReport:
        """Brings the index to what the sources hold; with ``prune``, deletes what they no longer have."""
        started = self._timer()
        for source in sources:
            root = adopt_root(self._writer, source.root_uri, source.name)
            known = known_paths(self._writer, root)
            seen = self._read(source, root, known, withdraw=prune)
            if prune:
                self._prune(source, known, seen)
        self._embed()
        self._writer.gather()
        self._writer.tidy_keywords()
        self._writer.forget_unused_vectors(self._cache_days)
        self._count()
        self._report.seconds = self._timer() - started
        return self._report

    # -- read: changed files become staged revisions, findable by keyword every second

    def _read(self, source: "Source", root: Root, known: dict[str, Known], *, withdraw: bool) -> set[str]:
        paths = list(source.paths())
        self._progress.start("Reading", len(paths))
        seen: set[str] = set()
        for path in paths:
            try:
                if self._read_one(source, root, path, known.get(path)):
                    seen.add(path)
            except UnsupportedError as error:
                self._report.ignored_files.append(Ignored(path, str(error)))
            except DocumentError as error:
                seen.add(path)
                self._fail(root, path, error, withdraw=withdraw and error.permanent)
            self._publish_if_due()
            self._progress.advance()
        self._report.ignored_files += [Ignored(path, reason) for path, reason in sorted(source.ignored.items())]
        self._publish()
        return seen

    def _read_one(self, source: "Source", root: Root, path: str, known: Known | None) -> bool:
        blob = source.read(path)
        digest = sha256(blob.data)
        reader = self._reading.reader(blob)
        splitter = self._reading.splitter.fingerprint
        if known and (known.sha256, known.reader) == (digest, f"{reader} {splitter}"):
            if known.failed:
                self._writer.clear_failure([known.document_id])
            if known.complete:
                self._report.skipped += 1
            else:
                self._completed.add(known.document_id)
            return True
        document = self._reading.load(blob)
        chunks = self._reading.splitter.split(document)
        if not chunks:
            raise DocumentError(f"{path} holds no text.", reason_code="no_text", remedy="Add text, or remove it.")
        if not self._batch:
            self._batch_started = self._timer()
        uri = root.document_uri(path)
        self._batch.append(
            Staged(root.id, root.prefix + path, uri, digest, len(blob.data), reader, splitter, document, chunks)
        )
        return True

    def _fail(self, root: Root, path: str, error: DocumentError, *, withdraw: bool) -> None:
        failure = Failure.of(path, error)
        self._report.failures.append(failure)
        self._writer.record_failure(
            root.id, root.prefix + path, root.document_uri(path), asdict(failure), withdraw=withdraw
        )

    def _publish_if_due(self) -> None:
        waited = self._timer() - self._batch_started
        if len(self._batch) >= _STAGE_DOCUMENTS or (self._batch and waited > _STAGE_SECONDS):
            self._publish()

    def _publish(self) -> None:
        if self._batch:
            self._load_embedder()
            self._writer.stage(self._batch)
            self._batch.clear()
        self._note(self._writer.publish_listed())

    # -- prune: what a source no longer has

    def _prune(self, source: "Source", known: dict[str, Known], seen: set[str]) -> None:
        gone = [entry.document_id for path, entry in known.items() if path not in seen and source.covers(path)]
        if gone:
            self._report.deleted += self._writer.delete(gone)

    # -- embed: every text without a vector, whoever staged it

    def _embed(self) -> None:
        self._progress.start("Embedding", self._writer.pending_count())
        while pending := self._writer.pending(_WINDOW):
            vectors = self._embedder.embed_documents([each.text for each in pending])
            self._writer.store_vectors([each.key for each in pending], vectors)
            self._note(self._writer.publish_embedded())
            self._progress.advance(len(pending))
        self._note(self._writer.publish_embedded())

    def _load_embedder(self) -> None:
        """Starts loading the model while files are still being read; importing PyTorch takes seconds."""
        load: Callable[[], None] | None = getattr(self._embedder, "load", None)
        if load is not None and not self._loading:
            self._loading = True
            threading.Thread(target=load, name="load embedder", daemon=True).start()

    # -- the report

    def _note(self, switched: Switched) -> None:
        self._completed |= {*switched.added, *switched.updated}
        self._report.updated += len(switched.updated)

    def _count(self) -> None:
        report = self._report
        rows = [row for row in self._writer.documents() if row.document_id in self._completed]
        report.added = len(rows) - report.updated
        report.chunks = sum(row.chunks for row in rows)
        report.bytes = sum(row.bytes for row in rows)
        report.failed = len(report.failures)
        report.ignored = len(report.ignored_files)
