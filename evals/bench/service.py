"""The running service, measured from outside: how soon it is there, how soon an answer begins, what it holds."""

import json
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from evals.bench.console import progress
from evals.bench.process import environment, run
from evals.cases import Case, DataSet
from ragbot.core.errors import UnavailableError

_PATIENCE = 120.0
_WARM_UP = 3


@dataclass(frozen=True, slots=True)
class Timed:
    """One streamed answer: seconds until the first text and until the end, and how it ended."""

    first: float
    total: float
    outcome: str


def run_service(command: Sequence[str], data: DataSet, *, work: Path, at_once: int) -> dict[str, Any]:
    """Ingests the corpus, starts the service, and asks every question twice: one by one, then several at once."""
    index = work.resolve() / "service" / data.root.name
    progress("Ingesting")
    ended = run([*command, "--data-dir", str(index), "ingest", str(data.corpus.resolve()), "--prune"])
    if ended.code:
        raise UnavailableError(ended.ending)
    with _service(command, index) as (process, address):
        found: dict[str, Any] = {"data": data.root.name, "questions": len(data.cases)}
        with httpx.Client(base_url=address, timeout=_PATIENCE, trust_env=False) as client:
            started = time.perf_counter()
            found["healthz_seconds"] = _until_ok(client, "/healthz", started)
            early = client.post("/api/v1/search", json={"question": data.cases[0].question})
            found["search_before_ready"] = {"status": early.status_code, "notes": early.json().get("notes")}
            found["readyz_seconds"] = _until_ok(client, "/readyz", started)
            found["idle_memory_bytes"] = _resident(process.pid)
            for case in data.cases[:_WARM_UP]:
                _ask(client, case)
            progress("Asking one by one")
            found["one_by_one"] = _summary([_ask(client, case) for case in data.cases])
            progress(f"Asking {at_once} at once")
            with ThreadPoolExecutor(at_once) as pool:
                found[f"{at_once}_at_once"] = _summary(list(pool.map(lambda case: _ask(client, case), data.cases)))
            found["memory_after_bytes"] = _resident(process.pid)
    return found


@contextmanager
def _service(command: Sequence[str], index: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*command, "--data-dir", str(index), "serve", "--port", str(port)],
        env=environment(),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE)


def _until_ok(client: httpx.Client, path: str, started: float) -> float:
    """Seconds from ``started`` until the path answers 200."""
    while time.perf_counter() - started < _PATIENCE:
        try:
            if client.get(path).status_code == httpx.codes.OK:
                return round(time.perf_counter() - started, 2)
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise UnavailableError(f"{path} did not answer within {_PATIENCE:.0f} s.")


def _ask(client: httpx.Client, case: Case) -> Timed:
    """Asks without the case's conversation, which the service would have to hold first."""
    started = time.perf_counter()
    first = 0.0
    name = outcome = ""
    with client.stream("POST", "/api/v1/chat/stream", json={"question": case.question}) as answer:
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name == "delta":
                first = first or time.perf_counter() - started
            elif line.startswith("data: ") and name in ("completed", "failed"):
                outcome = json.loads(line.removeprefix("data: ")).get("outcome", "failed")
    return Timed(first, time.perf_counter() - started, outcome)


def _summary(asked: Sequence[Timed]) -> dict[str, Any]:
    firsts = sorted(each.first for each in asked)
    outcomes = [each.outcome for each in asked]
    return {
        "first_text_ms_p50": round(1000 * statistics.median(firsts), 1),
        "first_text_ms_p95": round(1000 * firsts[int(0.95 * (len(firsts) - 1))], 1),
        "total_ms_p50": round(1000 * statistics.median(each.total for each in asked), 1),
        "outcomes": {name: outcomes.count(name) for name in sorted(set(outcomes))},
    }


def _resident(pid: int) -> int | None:
    """Bytes of resident memory; None where the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
