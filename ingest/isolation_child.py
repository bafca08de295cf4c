"""The child's side of ``ingest.isolation``: reads requests from standard input until it ends."""

import contextlib
import os
import queue
import signal
import sys
import threading
from typing import Any

from ingest.isolation import OUT_OF_MEMORY_EXIT, document_to_dict, error_to_dict, read_message, write_message
from ingest.loaders.registry import loader_named, run_loader
from ragbot.core.errors import DocumentError, RagbotError
from ragbot.core.types import Blob

_Request = tuple[dict[str, Any], bytes]


def serve() -> None:
    """Answers requests one by one, for good. ``sys.argv[2]`` is the memory cap in bytes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries may print; what they print must not end up between our messages.
    answers = os.fdopen(os.dup(1), "wb")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    _limit_memory(int(sys.argv[2]))
    requests: queue.SimpleQueue[_Request] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        header, data = requests.get()
        _limit_time(header["timeout"])
        answer = _answer(header, data)
        try:
            write_message(answers, answer)
        except MemoryError:
            os._exit(OUT_OF_MEMORY_EXIT)
        except OSError:
            os._exit(0)


def _listen(requests: "queue.SimpleQueue[_Request]") -> None:
    """Reads ahead, so that the end of the input is noticed while the main thread is deep in a document."""
    try:
        while (message := read_message(sys.stdin.buffer)) is not None:
            requests.put(message)
    except MemoryError:  # the request alone is too much; the main thread would wait for it forever
        os._exit(OUT_OF_MEMORY_EXIT)
    os._exit(0)


def _answer(header: dict[str, Any], data: bytes) -> dict[str, Any]:
    blob = Blob(header["path"], header["uri"], data, header["media_type"])
    try:
        return {"document": document_to_dict(run_loader(loader_named(header["loader"]), blob))}
    except DocumentError as error:
        return {"error": error_to_dict(error)}
    except RagbotError as error:
        failed = DocumentError(error.message, reason_code="crashed", permanent=False, remedy=error.remedy)
        return {"error": error_to_dict(failed)}


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the time limit alone has to do
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _limit_time(seconds: float) -> None:
    """Processor time as a second fuse, for a library that never lets the listening thread run."""
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime + 2 * seconds) + 5
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
