"""Readers against a writer.

A copy of some documents is ingested again and again; before each time some are edited and some deleted.
Meanwhile reader processes (``ragbot search … --json``) start at random moments.  None may crash, and none
may return a passage of a document whose deletion, or of an edition whose replacement, had been ingested to
the end before the reader started.  Every document ends in a line that names its edition.
"""

import json
import random
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from evals.bench.console import progress
from evals.bench.process import Finished, checked, run
from ragbot.core.errors import UsageError

PER_ROUND = 4
EDITS_PER_ROUND = 4
DELETES_PER_ROUND = 2
SUFFIXES = (".md", ".txt")
_MARK = re.compile(r"Benchmark edition (\d+) of paper (\d+)\.")


@dataclass(slots=True)
class Shelf:
    """The documents on disk: which edition each is in, and which are gone. Sources are relative paths."""

    folder: Path
    numbers: dict[str, int]
    openings: dict[str, str]
    editions: dict[str, int] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)

    def write(self, source: str, edition: int) -> None:
        """Replaces the line that names the edition."""
        path = self.folder / source
        text = _MARK.sub("", path.read_text("utf-8", errors="replace")).rstrip()
        path.write_text(f"{text}\n\nBenchmark edition {edition} of paper {self.numbers[source]}.\n", "utf-8")
        self.editions[source] = edition

    def question(self, generator: random.Random) -> str:
        """How some document begins: every second time one that is deleted."""
        pool = sorted(self.deleted if self.deleted and generator.random() < 0.5 else self.openings)
        return self.openings[generator.choice(pool)]

    def change(self, generator: random.Random) -> None:
        """One round of edits and deletes."""
        alive = sorted(set(self.numbers) - self.deleted)
        chosen = generator.sample(alive, min(len(alive), EDITS_PER_ROUND + DELETES_PER_ROUND))
        for source in chosen[:EDITS_PER_ROUND]:
            self.write(source, self.editions[source] + 1)
        for source in chosen[EDITS_PER_ROUND:]:
            (self.folder / source).unlink()
            self.deleted.add(source)


@dataclass(frozen=True, slots=True)
class Known:
    """What the last finished ingest holds: a reader that starts after it may see nothing older."""

    deleted: frozenset[str] = frozenset()
    editions: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, shelf: Shelf) -> "Known":
        return cls(frozenset(shelf.deleted), {shelf.numbers[name]: number for name, number in shelf.editions.items()})


@dataclass(slots=True)
class ReadersReport:
    """What happened. ``crashed``, ``deleted`` and ``outdated`` must be empty."""

    readers: int = 0
    during_ingest: int = 0
    ingests: int = 0
    hits: int = 0
    crashed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not (self.crashed or self.deleted or self.outdated)

    def as_dict(self) -> dict[str, object]:
        counts = {"readers": self.readers, "during_ingest": self.during_ingest, "ingests": self.ingests}
        found = {"crashed": self.crashed, "deleted": self.deleted, "outdated": self.outdated}
        return {"held": self.held, **counts, "hits": self.hits, **found}

    def lines(self) -> list[str]:
        return [
            f"{self.readers} readers, {self.during_ingest} of them started while one of {self.ingests} ingests ran; "
            f"{self.hits} hits returned.",
            f"crashed: {len(self.crashed)}",
            f"returned deleted documents: {len(self.deleted)}",
            f"returned outdated editions: {len(self.outdated)}",
            *self.crashed,
            *self.deleted,
            *self.outdated,
        ]


def prepare(corpus: Path, folder: Path, documents: int, generator: random.Random) -> Shelf:
    """Copies ``documents`` text files into ``folder``, each with its first edition."""
    every = sorted(path for path in corpus.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    if len(every) < documents:
        raise UsageError(f"{corpus} has {len(every)} files in {' or '.join(SUFFIXES)}; {documents} are needed.")
    shelf = Shelf(folder, {}, {})
    for number, path in enumerate(generator.sample(every, documents)):
        source = path.relative_to(corpus).as_posix()
        (folder / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / source)
        shelf.numbers[source] = number
        opening = path.read_text("utf-8", errors="replace").split()[:12]
        shelf.openings[source] = " ".join(opening) or source
        shelf.write(source, 1)
    return shelf


def judge(finished: Finished, known: Known, report: ReadersReport) -> None:
    """Adds one reader's result to the report."""
    report.readers += 1
    if finished.code != 0:
        report.crashed.append(finished.ending)
        return
    for hit in json.loads(finished.stdout)["hits"]:
        report.hits += 1
        if hit["source"] in known.deleted:
            report.deleted.append(f"{hit['source']} was deleted before {' '.join(finished.command)} started.")
        for mark in _MARK.finditer(hit["text"]):
            edition, number = int(mark[1]), int(mark[2])
            if edition < known.editions.get(number, 0):
                report.outdated.append(f"{hit['source']}: edition {edition}, {known.editions[number]} was ingested.")


class Readers:
    """Reader processes that start by themselves at given moments, each with what is known at its start."""

    def __init__(self, command: Sequence[str], known: Known, count: int) -> None:
        self.command = command
        self.known = known
        self.writing = False
        self.during_ingest = 0
        self._pool = ThreadPoolExecutor(max_workers=count)
        self._futures: list[Future[tuple[Finished, Known]]] = []

    @property
    def started(self) -> int:
        return len(self._futures)

    def start(self, delay: float, question: str) -> None:
        """Starts a reader ``delay`` seconds from now."""
        self._futures.append(self._pool.submit(self._read, delay, question))

    def results(self) -> list[tuple[Finished, Known]]:
        """Waits for every reader."""
        self._pool.shutdown()
        return [future.result() for future in self._futures]

    def _read(self, delay: float, question: str) -> tuple[Finished, Known]:
        time.sleep(delay)
        # Taken before the process starts: what is ingested later, it may or may not see.
        known = self.known
        self.during_ingest += self.writing
        return run([*self.command, "search", "--json", "--", question]), known


def run_readers(
    ragbot: Sequence[str], corpus: Path, *, work: Path, readers: int, documents: int, seed: int
) -> ReadersReport:
    """The whole test; about a minute and a half for 20 readers on two cores."""
    generator = random.Random(seed)  # noqa: S311 - repeatable on purpose, and nothing secret
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="readers-", dir=work.resolve()) as scratch:
        folder = Path(scratch) / "documents"
        shelf = prepare(corpus, folder, documents, generator)
        command = [*ragbot, "--data-dir", str(Path(scratch) / "data")]
        writer = [*command, "ingest", str(folder), "--prune", "--json"]
        progress(f"First ingest of {documents} documents")
        took = checked(run(writer)).seconds
        reading = Readers(command, Known.of(shelf), readers)
        report = ReadersReport()
        while reading.started < readers:
            shelf.change(generator)
            for _ in range(min(PER_ROUND, readers - reading.started)):
                reading.start(generator.uniform(0, took), shelf.question(generator))
            reading.writing = True
            took = checked(run(writer)).seconds
            reading.writing = False
            reading.known = Known.of(shelf)
            report.ingests += 1
            progress(f"Ingest {report.ingests}: {took:.1f} s, {reading.started} of {readers} readers")
        for finished, known in reading.results():
            judge(finished, known, report)
        report.during_ingest = reading.during_ingest
    return report
