"""What a data directory holds, as its commands show it, and how two of them differ.

Revision numbers, times and the ids made from them belong to a directory's history, not to its state, and
are left out.  Scores may differ by ``TOLERANCE``: a vector depends in its last bits on the texts it was
embedded with, and neighbours that are that close may then stand in either order.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.bench.process import checked, run

TOLERANCE = 0.01
HISTORY = frozenset({"updated", "created", "revision", "chunk_id", "document_id"})

Scores = dict[tuple[str, str], float]
"""Score by (source, text)."""


@dataclass(frozen=True, slots=True)
class State:
    """The documents by source, their stored form with chunks, the hits by question, and doctor's complaints."""

    documents: dict[str, Any]
    stored: dict[str, Any]
    hits: dict[str, Scores]
    complaints: list[str]


def read_state(ragbot: Sequence[str], data_dir: Path, questions: Sequence[str]) -> State:
    """Asks ``list``, ``show``, ``doctor`` and a batch ``search``."""
    command = [*ragbot, "--data-dir", str(data_dir)]
    listed = json.loads(checked(run([*command, "list", "--json"])).stdout)
    sources = [row["source"] for row in listed]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        shown = pool.map(lambda source: checked(run([*command, "show", "--json", "--", source])).stdout, sources)
        stored = {source: json.loads(text) for source, text in zip(sources, shown, strict=True)}
    doctor = run([*command, "doctor", "--json"])
    return State(
        {row["source"]: without_history(row) for row in listed},
        {source: without_history(document) for source, document in stored.items()},
        search(command, data_dir, questions),
        [] if doctor.code == 0 else [f"{data_dir.name}: {doctor.ending}"],
    )


def search(command: Sequence[str], data_dir: Path, questions: Sequence[str]) -> dict[str, Scores]:
    """The hits of a batch, by question."""
    asked, found = (data_dir.with_name(f"{data_dir.name}-{what}.jsonl") for what in ("questions", "hits"))
    rows = [{"id": f"{number}", "question": question} for number, question in enumerate(questions)]
    asked.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    checked(run([*command, "search", "--input", str(asked), "--output", str(found)]))
    results = [json.loads(line) for line in found.read_text("utf-8").splitlines()]
    return {row["query"]: {(hit["source"], hit["text"]): hit["score"] for hit in row["hits"]} for row in results}


def without_history(value: Any) -> Any:
    """The same JSON without what depends on how a directory came to be."""
    if isinstance(value, dict):
        return {key: without_history(item) for key, item in value.items() if key not in HISTORY}
    if isinstance(value, list):
        return [without_history(item) for item in value]
    return value


def differences(one: State, other: State) -> list[str]:
    """Every difference in words; empty where the two are equal and both doctors are content."""
    return [
        *one.complaints,
        *other.complaints,
        *_unequal("list", one.documents, other.documents),
        *_unequal("show", one.stored, other.stored),
        *(
            f"search {question!r}: {problem}"
            for question in sorted(one.hits.keys() | other.hits.keys())
            for problem in score_gaps(one.hits.get(question, {}), other.hits.get(question, {}))
        ),
    ]


def score_gaps(one: Scores, other: Scores) -> list[str]:
    """Passages whose scores differ by more than ``TOLERANCE``.

    A passage only one list holds is compared with the other list's lowest score: it may have been just
    below the cut.
    """
    problems = []
    for key in sorted(one.keys() | other.keys()):
        first = one.get(key, min(one.values(), default=0.0))
        second = other.get(key, min(other.values(), default=0.0))
        if abs(first - second) > TOLERANCE:
            problems.append(f"{key[0]} has score {first:.4f} and {second:.4f}")
    return problems


def _unequal(what: str, one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [
        f"{what} {source}: {json.dumps(one.get(source))[:300]} and {json.dumps(other.get(source))[:300]}"
        for source in sorted(one.keys() | other.keys())
        if one.get(source) != other.get(source)
    ]
