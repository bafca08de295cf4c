"""The two systems under comparison, driven through their command lines: ragbot and the plain recipe.

Both write their data into a folder, search a file of questions, answer one question cold, and say how long
a warm query takes.
"""

import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from evals.bench.plain_env import RECIPE
from evals.bench.process import Finished, checked, run
from evals.cases import Case
from evals.metrics.retrieval import Found, Passage

LIMIT = 20


@dataclass(frozen=True, slots=True)
class Ingested:
    """One ingest, whole process. ``details`` is what the system says of itself."""

    seconds: float
    peak_memory: int
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds per warm query in one process, over ``queries`` questions."""

    p50: float
    p95: float
    queries: int


@dataclass(frozen=True, slots=True)
class Searched:
    """The hits of a file of questions, and what searching cost. ``details`` is what the system says of itself."""

    found: Found
    latency: Latency | None = None
    peak_memory: int = 0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cold:
    """One question in a process of its own."""

    seconds: float
    peak_memory: int


@dataclass(slots=True)
class Measured:
    """Everything measured of one system. ``alone`` is its search without the conversation."""

    name: str
    ingests: list[Ingested] = field(default_factory=list)
    searched: Searched | None = None
    alone: Searched | None = None
    latency: Latency | None = None
    colds: list[Cold] = field(default_factory=list)

    @property
    def ingest_seconds(self) -> float:
        return statistics.median(ingest.seconds for ingest in self.ingests)

    @property
    def cold_seconds(self) -> float:
        return statistics.median(cold.seconds for cold in self.colds)


class System(Protocol):
    """What is compared."""

    name: str

    def ingest(self, corpus: Path, data_dir: Path) -> Ingested:
        """Ingests into an empty ``data_dir``."""
        ...

    def search(self, cases: Sequence[Case], data_dir: Path, *, conversation: bool = True) -> Searched:
        """At most ``LIMIT`` hits for every question."""
        ...

    def cold(self, question: str, data_dir: Path) -> Cold:
        """One question, whole process."""
        ...


class Ragbot:
    """Ours, by the command contract."""

    name = "ragbot"

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command

    def ingest(self, corpus: Path, data_dir: Path) -> Ingested:
        done = self._run(data_dir, "ingest", str(corpus), "--json", allowed=(0, 3))
        return Ingested(done.seconds, done.peak_memory, json.loads(done.stdout))

    def search(self, cases: Sequence[Case], data_dir: Path, *, conversation: bool = True) -> Searched:
        questions, hits = _beside(data_dir, "questions"), _beside(data_dir, "hits")
        write_questions(cases, questions, conversation=conversation)
        files = ("--input", str(questions), "--output", str(hits), "--limit", str(LIMIT))
        done = self._run(data_dir, "search", *files)
        rows = [json.loads(line) for line in hits.read_text("utf-8").splitlines()]
        return Searched(_found(rows), peak_memory=done.peak_memory)

    def warm(self, cases: Sequence[Case], data_dir: Path) -> Latency:
        """Latency of the Python API in one process, with the conversation."""
        questions = _beside(data_dir, "questions")
        write_questions(cases, questions)
        script = [sys.executable, "-m", "evals.bench.warm", "--data-dir", str(data_dir), "--input", str(questions)]
        return Latency(**json.loads(checked(run(script)).stdout))

    def cold(self, question: str, data_dir: Path) -> Cold:
        done = self._run(data_dir, "search", "--json", "--", question)
        return Cold(done.seconds, done.peak_memory)

    def _run(self, data_dir: Path, *arguments: str, allowed: Sequence[int] = (0,)) -> Finished:
        return checked(run([*self.command, "--data-dir", str(data_dir), *arguments]), allowed=allowed)


class Plain:
    """The usual tutorial; it never sees the conversation."""

    name = "plain"

    def __init__(self, python: Path) -> None:
        self.python = python

    def ingest(self, corpus: Path, data_dir: Path) -> Ingested:
        # perf_counter is one clock for all processes of a machine, so the child can count from here.
        done = self._run("ingest", data_dir, "--corpus", str(corpus), "--started", repr(time.perf_counter()))
        return Ingested(done.seconds, done.peak_memory, json.loads(done.stdout))

    def search(self, cases: Sequence[Case], data_dir: Path, *, conversation: bool = True) -> Searched:
        questions = _beside(data_dir, "questions")
        write_questions(cases, questions, conversation=False)
        done = self._run("search", data_dir, "--input", str(questions), "--limit", str(LIMIT))
        answer = json.loads(done.stdout)
        return Searched(
            _found(answer["rows"]),
            Latency(**answer["latency"]),
            answer["peak_memory"],
            {"truncated": answer["truncated"]},
        )

    def cold(self, question: str, data_dir: Path) -> Cold:
        done = self._run("search", data_dir, f"--question={question}", "--limit", "10")
        return Cold(done.seconds, done.peak_memory)

    def _run(self, command: str, data_dir: Path, *arguments: str) -> Finished:
        # -P keeps the script's own folder off the path: none of our modules may stand in for a library's.
        start = [str(self.python), "-P", str(RECIPE), command, "--data-dir", str(data_dir)]
        return checked(run([*start, *arguments]))


def write_questions(cases: Sequence[Case], path: Path, *, conversation: bool = True) -> None:
    """A batch file by the contract: one row {id, question, conversation?} per case."""
    with path.open("w", encoding="utf-8") as out:
        for case in cases:
            row: dict[str, Any] = {"id": case.id, "question": case.question}
            if conversation and case.conversation:
                row["conversation"] = [{"role": turn.role, "content": turn.content} for turn in case.conversation]
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _found(rows: Sequence[dict[str, Any]]) -> Found:
    return {row["id"]: [Passage(hit["source"], hit["text"]) for hit in row["hits"]] for row in rows}


def _beside(data_dir: Path, what: str) -> Path:
    # Not inside: a data directory belongs to its owner, which may complain of files it does not know.
    return data_dir.with_name(f"{data_dir.name}-{what}.jsonl")
