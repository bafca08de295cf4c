"""The demonstration: sample documents, the service, three questions over HTTP, then the chat page until Ctrl-C.

Everything is done with the commands a user would type, each shown before it runs: ``python -m ragbot.cli.demo``.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from ragbot.core.errors import UnavailableError
from ragbot.terminal import emit, emit_part, prose, reported, say, shown

QUESTIONS = (
    "How long do I have to send a product back?",
    "And what does it cost in the United States?",
    "Which restaurant in Lisbon serves the best octopus?",
)
"""One the documents answer, one that needs the conversation, one they cannot answer."""
_HOST = "127.0.0.1"
_PATIENCE = 60.0


def run(arguments: Sequence[str] | None = None) -> None:
    """Runs the demonstration; what goes wrong is one clear sentence and the contract's exit code."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".demo"))
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--once", action="store_true", help="exit after the questions")
    given = parser.parse_args(arguments)
    with reported():
        _refuse_busy_port(given.port)
        if not (given.folder / "docs").exists():
            _command("init", "--sample", given.folder)
        _command("ingest", "docs", folder=given.folder)
        with _served(given.folder, given.port) as address:
            with httpx.Client(base_url=address, timeout=_PATIENCE, trust_env=False) as client:
                conversation: str | None = None
                for question in QUESTIONS:
                    conversation = _ask(client, question, conversation)
            if not given.once:
                emit(f"\nThe chat page is at {address} (Ctrl-C ends it).")
                _until_interrupted()


def _refuse_busy_port(port: int) -> None:
    """Before minutes are spent on what could not be shown in the end."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise UnavailableError(
                f"Port {port} of this machine is in use.", remedy="Run: make demo PORT=8001"
            ) from error


def _arguments(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "ragbot.cli.main", *map(str, arguments)]


def _command(*arguments: str | Path, folder: Path | None = None) -> None:
    emit(f"$ {f'cd {folder} && ' if folder else ''}ragbot {' '.join(map(str, arguments))}")
    ended = subprocess.run(_arguments(*arguments), cwd=folder, check=False)
    if ended.returncode:
        raise SystemExit(ended.returncode)
    emit("")


@contextmanager
def _served(folder: Path, port: int) -> Iterator[str]:
    """The service as a process of its own, ready; stopped in the end."""
    emit(f"$ cd {folder} && ragbot serve --port {port}")
    # The questions below carry no key.
    environment = {name: value for name, value in os.environ.items() if "API_KEY" not in name or "LLM" in name}
    service = subprocess.Popen(_arguments("serve", "--host", _HOST, "--port", str(port)), cwd=folder, env=environment)
    address = f"http://{_HOST}:{port}"
    try:
        _wait_until_ready(service, address)
        yield address
    finally:
        service.send_signal(signal.SIGTERM)
        try:
            service.wait(timeout=10)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()


def _wait_until_ready(service: "subprocess.Popen[bytes]", address: str) -> None:
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        if service.poll() is not None:
            raise SystemExit(service.returncode or 1)
        try:
            if httpx.get(f"{address}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise UnavailableError(f"The service at {address} did not become ready in {_PATIENCE:.0f} s.")


def _ask(client: httpx.Client, question: str, conversation: str | None) -> str:
    """Streams one answer to the terminal; gives the conversation's id for the next question."""
    emit(f"\nQ: {question}")
    emit_part("A: ")
    end: dict[str, Any] = {}
    started = time.perf_counter()
    body = {"question": question, "conversation_id": conversation}
    with client.stream("POST", "/api/v1/chat/stream", json=body) as answer:
        if answer.status_code != httpx.codes.OK:
            answer.read()
            raise UnavailableError(f"The service refused the question: {answer.text}")
        for name, data in _events(answer.iter_lines()):
            if name == "delta":
                emit_part("\n   ".join(prose(line) for line in data["text"].split("\n")))
            elif name in ("completed", "failed"):
                end = data
    emit("")
    for citation in end.get("citations", ()):
        page = f", page {citation['page_start']}" if citation["page_start"] else ""
        path = " > ".join(citation["heading_path"])
        emit(f"   [{citation['n']}] {shown(citation['source'])}{page}  {shown(path)}")
    if "error" in end:
        raise UnavailableError(f"The answer failed: {end['error']['message']}")
    reason = f": {end['reason']}" if end["outcome"] == "abstained" else ""
    emit(f"   ({end['outcome']} in {time.perf_counter() - started:.2f} s{reason})")
    return str(end["conversation_id"])


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of each server-sent event; ours have one line of data."""
    name = ""
    for line in lines:
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            yield name, json.loads(line.removeprefix("data:"))


def _until_interrupted() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("")


if __name__ == "__main__":
    run()
