"""The child's side of ``local_process``: one model, one reply at a time, in the order they were asked for."""

import json
import os
import queue
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

_Request = dict[str, Any]
_LONGEST_ADDRESS = 100
"""Bytes a socket's path may have on every system, with some to spare."""


def serve(options: Mapping[str, Any]) -> None:
    """Loads the model ``options["path"]`` and answers requests for good; ends with its input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # llama.cpp may print; what it prints must not end up between our messages.
    output = os.fdopen(os.dup(1), "wb")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    try:
        server = _load(options)
    except (ImportError, MemoryError, OSError, RuntimeError, ValueError) as error:
        _send(output, {"failed": str(error)})
        os._exit(1)
    os.dup2(sink, 2)
    _send(output, {"ready": True})
    requests: queue.SimpleQueue[_Request] = queue.SimpleQueue()
    cancelled: set[int] = set()
    threading.Thread(target=_listen, args=(requests, cancelled), daemon=True).start()
    while True:
        _answer(server, requests.get(), cancelled, output)


def _load(options: Mapping[str, Any]) -> Any:
    import xllamacpp  # type: ignore[import-untyped]

    params = xllamacpp.CommonParams()
    params.model.path = options["path"]
    params.n_ctx = options["context"]
    params.n_parallel = 1
    params.cpuparams.n_threads = options["threads"]
    # Between two batches of the prompt a request can be cancelled, so they are small.
    params.n_batch = params.n_ubatch = 256
    # By default up to 8 GB of earlier prompts are kept.
    params.cache_ram_mib = 0
    params.verbosity = 1
    _unreachable(params, options["folder"])
    return xllamacpp.Server(params)


def _unreachable(params: Any, folder: str) -> None:
    """The library insists on an HTTP server: with a key nobody has, on a socket the parent removes after loading."""
    params.api_keys = [secrets.token_hex()]
    params.cors_origins = ""
    params.ui = params.endpoint_slots = False
    address = os.path.join(folder, "llama.sock")
    if hasattr(socket, "AF_UNIX") and len(address) < _LONGEST_ADDRESS:
        params.hostnames = [address]
    else:
        params.hostnames, params.port = ["127.0.0.1"], 0


def _listen(requests: "queue.SimpleQueue[_Request]", cancelled: set[int]) -> None:
    """Reads ahead, so that a cancellation, and the parent's end, are noticed in the middle of a reply."""
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "cancel" in message:
            cancelled.add(message["cancel"])
        else:
            requests.put(message)
    os._exit(0)


def _answer(server: Any, request: _Request, cancelled: set[int], output: IO[bytes]) -> None:
    number = request.pop("id")
    last: dict[str, Any] = {"id": number, "finish": None, "usage": None}

    def heard(chunk: Mapping[str, Any]) -> bool:
        """Takes a piece of the stream; True stops the model."""
        if number in cancelled:
            return True
        if "error" in chunk:
            last["error"] = chunk["error"]
            return True
        for choice in chunk.get("choices", ()):
            last["finish"] = choice.get("finish_reason") or last["finish"]
            text = choice.get("delta", {}).get("content")
            if text:
                _send(output, {"id": number, "text": text})
        if chunk.get("usage"):
            last["usage"] = [chunk["usage"]["prompt_tokens"], chunk["usage"]["completion_tokens"]]
        return False

    if number not in cancelled:
        more = {"stream": True, "stream_options": {"include_usage": True}, "return_progress": True}
        try:
            server.handle_chat_completions({**request, **more}, heard)
        except (MemoryError, RuntimeError, ValueError) as error:
            last["error"] = {"message": str(error)}
    cancelled.discard(number)
    _send(output, last)


def _send(output: IO[bytes], message: Mapping[str, Any]) -> None:
    try:
        output.write(json.dumps(message).encode() + b"\n")
        output.flush()
    except OSError:
        os._exit(0)
