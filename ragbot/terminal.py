"""What every command shares: JSON and text on stdout, progress and errors on stderr, exit codes."""

import errno
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from ragbot.core.errors import RagbotError, StorageError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

_HARMLESS = "\t\u200c\u200d"
_NEVER_WRAPPED = 10_000
"""Columns: what a script reads must not be cut to a terminal's width."""
OK, CHECK_FAILED, USAGE, SOME_FAILED, UNAVAILABLE, LOCKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


def emit(text: str) -> None:
    """A line of result."""
    sys.stdout.write(text + "\n")


def emit_part(text: str) -> None:
    """A piece of result, shown at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def emit_json(value: Any) -> None:
    """A result for scripts: indented, and readable in every language."""
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    emit(json.dumps(value, ensure_ascii=not readable, indent=2))


def survive_any_text() -> None:
    """Characters the terminal's encoding lacks, or half ones from file names, are escaped and never fatal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def console(*, stderr: bool = False) -> "Console":
    """A rich console that honours ``NO_COLOR`` and does not wrap what is piped."""
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            # Rich would leave with exit code 1, which says "the check did not hold"; `reported` knows better.
            raise BrokenPipeError

    stream = sys.stderr if stderr else sys.stdout
    piped = not stream.isatty()
    return Quiet(file=stream, highlight=False, soft_wrap=piped, width=_NEVER_WRAPPED if piped else None)


def say(text: str) -> None:
    """A remark beside the result."""
    sys.stderr.write(text + "\n")


def shown(text: str, width: int | None = None) -> str:
    """Text fit for one line of a table: control characters and newlines made visible."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return safe if width is None or len(safe) <= width else safe[: width - 1] + "…"


def prose(text: str) -> str:
    """Text of documents and models fit for a terminal: every script's blanks and joiners stay, controls do not."""
    return "".join(c if c.isprintable() or c in _HARMLESS or category(c) == "Zs" else shown(c) for c in text)


@contextmanager
def reported() -> Iterator[None]:
    """Turns errors into one clear message and the exit code of the contract; a stack trace is never shown."""
    try:
        yield
    except RagbotError as error:
        say(f"ragbot: {error}")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        say("ragbot: stopped. (An ingest goes on from there with the same command.)")
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader of our output went away (`| head`): point stdout elsewhere, or Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(OK) from None
    except OSError as error:
        name = f" ({error.filename})" if error.filename else ""
        say(f"ragbot: the system refused: {error.strerror or error}{name}.")
        raise SystemExit(UNAVAILABLE) from None


def read_rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a JSONL file with their line numbers; ``UsageError`` names the first bad line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"The input {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The input {path} is not UTF-8 (byte {error.start}).") from error
    rows: list[tuple[int, dict[str, Any]]] = []
    # Not splitlines(): JSON strings may hold U+2028 and the like, which that would cut at.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: no JSON: {error}.") from error
        if "\\u" in line and not _is_text(row):
            raise UsageError(f"{path}, line {number}: holds half a character (a lone surrogate such as \\ud800).")
        if not isinstance(row, dict):
            raise UsageError(f'{path}, line {number}: must be an object such as {{"id": "1", "question": "…"}}.')
        rows.append((number, row))
    return rows


def _is_text(row: Any) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def written_rows(path: Path) -> Iterator[Any]:
    """A function that writes one row; the file appears whole at the end, or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            yield lambda row: stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        temporary.replace(path)
    except OSError as error:
        message = f"The output {path} cannot be written: {error.strerror}."
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise StorageError(message, remedy="Free some space, or give another --output.") from error
        raise UsageError(message, remedy="Give another --output.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


class TerminalProgress:
    """Progress on stderr: a live bar on a terminal, a line every few seconds in a pipe."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live: Any = None
        self._task: Any = None
        self._stage = ""
        self._total: int | None = None
        self._done = 0
        self._said = time.perf_counter()

    def __enter__(self) -> "TerminalProgress":
        if not self._quiet and sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._live = Progress(*columns, console=console(stderr=True), transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def start(self, stage: str, total: int | None) -> None:
        self._stage, self._total, self._done = stage, total, 0
        if self._live is not None:
            if self._task is not None:
                self._live.remove_task(self._task)
            self._task = self._live.add_task(stage, total=total)

    def advance(self, count: int = 1) -> None:
        self._done += count
        if self._live is not None:
            self._live.advance(self._task, count)
        elif not self._quiet and time.perf_counter() - self._said > 5:
            self._said = time.perf_counter()
            say(f"{self._stage}: {self._done} of {self._total if self._total is not None else '?'}")
