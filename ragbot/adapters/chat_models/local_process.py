"""A child process that runs one GGUF model with llama.cpp, and this process's side of the pipes to it.

A process of its own, because loading holds Python's lock from start to end, which would freeze every answer being
written, and because llama.cpp ends its process where it meets what it did not expect in a file.  Both sides send
lines of JSON.  To the child: ``{id, messages, …}`` to write a reply, ``{cancel: id}``.  From it: ``{ready: true}`` or
``{failed: why}`` once, then per reply ``{id, text}``…, and ``{id, finish, usage}`` or ``{id, error}`` at its end.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from itertools import count
from typing import IO, Any

Event = Mapping[str, Any]
Sink = Callable[[Event], None]

DIED: Event = {"died": True}
"""What every reply under way gets when the child is gone."""

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    " from ragbot.adapters.chat_models.local_child import serve; serve(json.loads(sys.argv[2]))"
)


class ModelProcess:
    """The running child. ``ready`` holds None once it has loaded the model, or the reason why it never will."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.ready: Future[str | None] = Future()
        self._sinks: dict[int, Sink] = {}
        self._numbers = count(1)
        self._writing = threading.Lock()
        self._ended = threading.Event()
        folder = tempfile.TemporaryDirectory(prefix="ragbot-")
        complaints = tempfile.TemporaryFile()  # noqa: SIM115 - the listener closes it
        path = [os.path.abspath(entry) for entry in sys.path]
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, json.dumps(path), json.dumps({**options, "folder": folder.name})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            # Where it aborts, llama.cpp would call a debugger to print a trace.
            env={**os.environ, "GGML_NO_BACKTRACE": "1"},
            # Its own session: Ctrl-C in the terminal reaches the parent only, which decides.
            start_new_session=True,
        )
        assert self._child.stdout is not None
        # A daemon, and one that does not hold this object: whoever forgets to close it is no reason to keep it.
        threading.Thread(
            target=_listen,
            args=(self._child.stdout, complaints, folder, self._sinks, self.ready, self._ended),
            daemon=True,
        ).start()
        self._end = weakref.finalize(self, _end, self._child)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return not self._ended.is_set()

    def ask(self, request: Mapping[str, Any], sink: Sink) -> int:
        """Asks for a reply; ``sink`` is called from another thread with each event of it. Gives its number."""
        number = next(self._numbers)
        self._sinks[number] = sink
        self._send({"id": number, **request})
        if not self.alive:  # it ended after the listener told those it knew
            sink(DIED)
        return number

    def leave(self, number: int) -> None:
        """Nobody waits for the reply any more: it is no longer written."""
        if self._sinks.pop(number, None) is not None:
            self._send({"cancel": number})

    def close(self) -> None:
        """Ends the child."""
        self._end()

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._child.stdin is not None
        with self._writing, contextlib.suppress(BrokenPipeError, ValueError):  # it died, which its listener tells
            self._child.stdin.write(json.dumps(message).encode() + b"\n")
            self._child.stdin.flush()


def _listen(
    output: IO[bytes],
    complaints: IO[bytes],
    folder: "tempfile.TemporaryDirectory[str]",
    sinks: dict[int, Sink],
    ready: "Future[str | None]",
    ended: threading.Event,
) -> None:
    """Hands each event to whom it concerns, until the child is gone."""
    with output, complaints:
        for line in output:
            event = json.loads(line)
            if "id" in event:
                sink = sinks.get(event["id"])
                if sink is not None:
                    sink(event)
            else:
                folder.cleanup()
                ready.set_result(_why(event["failed"], complaints) if "failed" in event else None)
        folder.cleanup()
        ended.set()
        if not ready.done():
            ready.set_result(_why("it ended llama.cpp", complaints))
    for number in [*sinks]:
        sink = sinks.pop(number, None)
        if sink is not None:
            sink(DIED)


def _why(reason: str, complaints: IO[bytes]) -> str:
    """What llama.cpp wrote about the file, else ``reason``."""
    complaints.seek(0)
    lines = complaints.read().decode("utf-8", "replace").splitlines()
    for mark in ("error loading model:", "GGML_ASSERT"):
        told = [line[line.index(mark) :].removeprefix("error loading model:").strip() for line in lines if mark in line]
        if told:
            return told[-1]
    return reason


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.kill()  # it holds nothing that could be lost
    child.wait()
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
