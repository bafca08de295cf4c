"""Runs loaders of hostile formats in a child process with a time limit and a memory cap.

The child is ``python -c "… serve()"`` and speaks over its standard pipes: each message is two 8-byte
lengths, a JSON header and raw bytes.  A request is ``{loader, path, uri, media_type, timeout}`` with the
blob's bytes, an answer ``{document}`` or ``{error}``.  The child ends when its input does, so it never outlives
a killed parent; it holds no state, so it can be killed at any moment.
"""

import contextlib
import json
import os
import resource
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Any

from ragbot.core.errors import DocumentError, UnsupportedError
from ragbot.core.types import Blob, Document, Heading, PageSpan

DEFAULT_TIMEOUT = 60.0
DEFAULT_MEMORY = 2 * 1024**3
MAX_DOCUMENTS = 500
"""After so many documents the child is replaced: whatever a C library leaks ends with it."""

OUT_OF_MEMORY_EXIT = 112
"""The child's exit status where it ran out of memory outside a loader."""

_LENGTHS = struct.Struct(">QQ")
_BOOT = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from ingest.isolation_child import serve; serve()"
_REMEDY = {
    "timeout": "Split it, or raise the time limit.",
    "out_of_memory": "Split it, or raise the memory limit.",
    "crashed": "Open and save it again in the program that wrote it.",
}


class LoaderProcess:
    """A child process that loads one blob at a time; started with the first, replaced when it dies.

    ``timeout`` is seconds for each blob, ``memory`` bytes for the whole child.  Safe to share between
    threads: loads wait for each other.
    """

    def __init__(self, *, timeout: float = DEFAULT_TIMEOUT, memory: int = DEFAULT_MEMORY) -> None:
        self.timeout = timeout
        self.memory = memory
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._inherited = 0
        self._lock = threading.Lock()

    def __enter__(self) -> "LoaderProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._child.pid if self._child is not None else None

    def load(self, loader_name: str, blob: Blob) -> Document:
        """The document as that loader reads it in the child.

        Raises the loader's ``DocumentError``, or one with reason ``timeout``, ``out_of_memory`` or ``crashed``.
        """
        with self._lock:
            child = self._start()
            late = threading.Event()
            clock = threading.Timer(self.timeout, _expire, (child, late))
            clock.daemon = True
            clock.start()
            try:
                answer = self._ask(child, loader_name, blob)
            except BaseException:
                # An interrupted exchange would leave half a message in the pipe for the next one.
                self._stop()
                raise
            finally:
                clock.cancel()
            if answer is None:
                raise self._lost(child, late.is_set(), blob)
            self._served += 1
            if self._served >= MAX_DOCUMENTS or answer.get("error", {}).get("reason_code") == "out_of_memory":
                self._stop()
        if "error" in answer:
            raise _dict_to_error(answer["error"])
        return dict_to_document(answer["document"])

    def close(self) -> None:
        """Ends the child; the next load starts another."""
        with self._lock:
            self._stop()

    def _start(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        path = [os.path.abspath(entry) for entry in sys.path]
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, json.dumps(path), str(self.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Its own session: Ctrl-C in the terminal reaches the parent only, which decides.
            start_new_session=True,
        )
        # A child's peak starts at what its parent held when it forked: with PyTorch loaded, more than a gigabyte.
        self._inherited = _peak(resource.getrusage(resource.RUSAGE_SELF))
        self._served = 0
        return self._child

    def _ask(self, child: "subprocess.Popen[bytes]", loader: str, blob: Blob) -> dict[str, Any] | None:
        """The child's answer, None where it died before it gave one."""
        assert child.stdin is not None
        assert child.stdout is not None
        header = {
            "loader": loader,
            "path": blob.path,
            "uri": blob.uri,
            "media_type": blob.media_type,
            "timeout": self.timeout,
        }
        try:
            write_message(child.stdin, header, blob.data)
        except OSError:
            return None
        message = read_message(child.stdout)
        return message[0] if message is not None else None

    def _lost(self, child: "subprocess.Popen[bytes]", late: bool, blob: Blob) -> DocumentError:
        peak = _reap(child)
        self._stop()
        signal = -(child.returncode or 0)
        if late:
            reason, what = "timeout", f"took longer than {self.timeout:g} seconds"
        elif peak > max(0.6 * self.memory, self._inherited) or signal == 9 or child.returncode == OUT_OF_MEMORY_EXIT:
            reason, what = "out_of_memory", f"needs more than {self.memory // 1024**2:,} MB of memory"
        else:
            reason, what = "crashed", f"crashed its reader ({f'signal {signal}' if signal > 0 else 'it ended'})"
        return DocumentError(f"{blob.name} {what}.", reason_code=reason, remedy=_REMEDY[reason])

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _expire(child: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    child.kill()


def _reap(child: "subprocess.Popen[bytes]") -> int:
    """Waits for a child that is ending; gives its peak memory in bytes, 0 where that cannot be told."""
    if child.returncode is None and hasattr(os, "wait4"):
        with contextlib.suppress(ChildProcessError):
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            return _peak(usage)
    child.wait()
    return 0


def _peak(usage: resource.struct_rusage) -> int:
    """Peak resident memory in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def write_message(pipe: IO[bytes], header: Mapping[str, Any], body: bytes = b"") -> None:
    """One message; ``OSError`` where the other side is gone."""
    head = json.dumps(header).encode()
    pipe.write(_LENGTHS.pack(len(head), len(body)) + head)
    pipe.write(body)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """One message, or None where the pipe ends before it is whole."""
    lengths = pipe.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_size, body_size = _LENGTHS.unpack(lengths)
    head, body = pipe.read(head_size), pipe.read(body_size)
    if len(head) < head_size or len(body) < body_size:
        return None
    header: dict[str, Any] = json.loads(head)
    return header, body


def document_to_dict(document: Document) -> dict[str, Any]:
    """The document as JSON values."""
    return {
        "text": document.text,
        "title": document.title,
        "headings": [[h.level, h.title, h.char_start] for h in document.headings],
        "pages": [[p.number, p.char_start, p.char_end] for p in document.pages],
        "media_type": document.media_type,
        "labels": list(document.labels),
        "metadata": dict(document.metadata),
        "warnings": list(document.warnings),
    }


def dict_to_document(values: Mapping[str, Any]) -> Document:
    """The document that ``document_to_dict`` made these of."""
    return Document(
        text=values["text"],
        title=values["title"],
        headings=tuple(Heading(*heading) for heading in values["headings"]),
        pages=tuple(PageSpan(*page) for page in values["pages"]),
        media_type=values["media_type"],
        labels=tuple(values["labels"]),
        metadata=values["metadata"],
        warnings=tuple(values["warnings"]),
    )


def error_to_dict(error: DocumentError) -> dict[str, Any]:
    """The error as JSON values."""
    return {
        "unsupported": isinstance(error, UnsupportedError),
        "message": error.message,
        "reason_code": error.reason_code,
        "permanent": error.permanent,
        "page": error.page,
        "remedy": error.remedy,
    }


def _dict_to_error(values: Mapping[str, Any]) -> DocumentError:
    kind = UnsupportedError if values["unsupported"] else DocumentError
    return kind(
        values["message"],
        reason_code=values["reason_code"],
        permanent=values["permanent"],
        page=values["page"],
        remedy=values["remedy"],
    )
