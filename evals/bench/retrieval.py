"""The retrieval benchmark: ragbot beside the plain recipe on one data set.

Timings of one machine drift by a factor of two within minutes, so ingests alternate (A B A B …), each into
a fresh folder, and ratios are taken between medians; every raw round is in the JSON.  Quality does not
vary between runs and is measured once, on the last round's data.
"""

import os
import platform
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import util
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evals.bench.console import progress
from evals.bench.plain_env import plain_python
from evals.bench.plain_recipe import corpus_files
from evals.bench.process import ragbot_command
from evals.bench.systems import LIMIT, Measured, Plain, Ragbot, System
from evals.cases import DataSet
from evals.metrics.retrieval import missing_measures

COLD_RUNS = 3


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: ``rounds`` ingests per system, everything on disk below ``work``."""

    work: Path
    rounds: int = 2
    skip_plain: bool = False
    seed: int = 1


def run_benchmark(data: DataSet, options: Options) -> dict[str, Any]:
    """Measures everything and gives the report as a JSON document."""
    if util.find_spec("ir_measures") is None:
        raise missing_measures()
    # Paths are made absolute: each system is free to run elsewhere.
    data = DataSet(data.root.resolve(), data.cases)
    work = options.work.resolve()
    systems: list[System] = [Ragbot(ragbot_command())]
    if not options.skip_plain:
        systems.append(Plain(plain_python(work / "plain-env")))
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="retrieval-", dir=work) as scratch:
        measured = measure(data, systems, Path(scratch), options.rounds)
    # The figures bring numpy; see process.py for why that must wait until every child has run.
    from evals.bench.figures import quality

    return {
        "data": data.root.name,
        "settings": settings(options),
        **quality(data, measured, seed=options.seed),
        "cost": cost(data, measured),
    }


def measure(data: DataSet, systems: Sequence[System], scratch: Path, rounds: int) -> list[Measured]:
    """Alternating ingests, then the searches of each system on its last data."""
    results = {system.name: Measured(system.name) for system in systems}
    folders: dict[str, Path] = {}
    for number in range(1, rounds + 1):
        for system in systems:
            if system.name in folders:
                shutil.rmtree(folders[system.name])
            folder = folders[system.name] = scratch / f"{system.name}-{number}"
            progress(f"Ingest, round {number} of {rounds}: {system.name}")
            results[system.name].ingests.append(system.ingest(data.corpus, folder))
    for system in systems:
        progress(f"Search: {system.name}")
        _search(system, data, folders[system.name], results[system.name])
    for _ in range(COLD_RUNS):
        for system in systems:
            results[system.name].colds.append(system.cold(data.cases[0].question, folders[system.name]))
    return list(results.values())


def _search(system: System, data: DataSet, folder: Path, result: Measured) -> None:
    result.searched = system.search(data.cases, folder)
    result.latency = result.searched.latency
    if isinstance(system, Ragbot):
        result.latency = system.warm(data.cases, folder)
        if data.has_conversations:
            result.alone = system.search(data.cases, folder, conversation=False)


def cost(data: DataSet, measured: Sequence[Measured]) -> dict[str, Any]:
    """Time and memory: seconds, bytes, and bytes of source text per second of the whole ingest process.

    The bytes are those of the files that the plain recipe reads, for both systems.
    """
    size = sum(path.stat().st_size for path in corpus_files(data.corpus))
    systems = {result.name: _system_cost(result, size) for result in measured}
    ratios = {}
    if len(measured) == 2:
        ours, theirs = measured
        ratios = {
            "ingest_speed": theirs.ingest_seconds / ours.ingest_seconds,
            "cold_search_speed": theirs.cold_seconds / ours.cold_seconds,
        }
    return {"source_bytes": size, "systems": systems, "ours_over_plain": ratios}


def _system_cost(result: Measured, size: int) -> dict[str, Any]:
    latency, searched = result.latency, result.searched
    return {
        "ingest_seconds": result.ingest_seconds,
        "ingest_bytes_per_second": size / result.ingest_seconds,
        "ingest_peak_memory": max(ingest.peak_memory for ingest in result.ingests),
        "ingest_rounds": [
            {"seconds": ingest.seconds, "peak_memory": ingest.peak_memory, "details": ingest.details}
            for ingest in result.ingests
        ],
        "warm_query": {"p50": latency.p50, "p95": latency.p95, "queries": latency.queries} if latency else None,
        "cold_search_seconds": result.cold_seconds,
        "cold_search_rounds": [cold.seconds for cold in result.colds],
        "cold_search_peak_memory": max(cold.peak_memory for cold in result.colds),
        "batch_search_peak_memory": searched.peak_memory if searched else None,
        "search_details": searched.details if searched else {},
    }


def settings(options: Options) -> dict[str, Any]:
    """What the numbers depend on besides the data."""
    versions = {}
    for package in ("ragbot", "torch", "sentence-transformers", "chromadb", "onnxruntime", "tantivy", "ir-measures"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "rounds": options.rounds,
        "seed": options.seed,
        "limit": LIMIT,
        "cold_runs": COLD_RUNS,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "versions": versions,
    }
