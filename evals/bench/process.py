"""Running a command and measuring it from outside.

The process that measures must stay small: Linux hands a child its parent's peak memory through exec, so
nothing heavy is imported here before the children have run.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragbot.core.errors import UnavailableError
from ragbot.quiet import SWITCHES

QUIET = {**SWITCHES, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended.

    ``code`` is its exit code, negative for a signal.  ``seconds`` is wall clock from start to end.
    ``peak_memory`` is the largest resident size, in bytes, of the process or of one of its children.
    """

    command: tuple[str, ...]
    code: int
    stdout: str
    stderr: str
    seconds: float
    peak_memory: int

    @property
    def ending(self) -> str:
        """How it ended, in words, with the last lines it said."""
        how = f"signal {signal.Signals(-self.code).name}" if self.code < 0 else f"exit code {self.code}"
        said = "\n".join((self.stderr.strip() or self.stdout.strip()).splitlines()[-8:])
        return f"`{' '.join(self.command)}` ended with {how}" + (f":\n{said}" if said else ".")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of every measured process: ours, without telemetry, network or colours."""
    return {**os.environ, **QUIET, **(extra or {})}


class Running:
    """A started command in a process group of its own."""

    def __init__(self, command: Sequence[str], *, cwd: Path | None = None) -> None:
        self.command = tuple(command)
        self._stdout = tempfile.TemporaryFile()  # noqa: SIM115 - read and closed in wait(); pipes could fill and block
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self._stdout,
            stderr=self._stderr,
            cwd=cwd,
            env=environment(),
            start_new_session=True,
        )

    def kill(self, *, after: float) -> bool:
        """SIGKILL to the whole group ``after`` seconds from its start; False if it had ended before."""
        while (remaining := self._began + after - time.perf_counter()) > 0:
            if self._ended():
                return False
            time.sleep(min(remaining, 0.05))
        if self._ended():
            return False
        os.killpg(self._process.pid, signal.SIGKILL)
        return True

    def _ended(self) -> bool:
        # WNOWAIT leaves the child to wait(), so its number cannot belong to another process yet.
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def wait(self) -> Finished:
        """Blocks until the command has ended."""
        try:
            _, status, usage = os.wait4(self._process.pid, 0)
        except BaseException:
            # A Ctrl-C reaches only our own group; without this the child would go on writing.
            os.killpg(self._process.pid, signal.SIGKILL)
            raise
        seconds = time.perf_counter() - self._began
        self._process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (self._stdout, self._stderr):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", errors="replace"))
            stream.close()
        unit = 1 if sys.platform == "darwin" else 1024
        return Finished(self.command, self._process.returncode, texts[0], texts[1], seconds, usage.ru_maxrss * unit)


def run(command: Sequence[str], *, cwd: Path | None = None) -> Finished:
    """Starts a command and waits for its end."""
    return Running(command, cwd=cwd).wait()


def checked(finished: Finished, *, allowed: Sequence[int] = (0,)) -> Finished:
    """The same, or an error that shows what the command said."""
    if finished.code not in allowed:
        raise UnavailableError(finished.ending)
    return finished


def ragbot_command() -> list[str]:
    """The ``ragbot`` that belongs to this interpreter, else the one on the path."""
    beside = Path(sys.executable).with_name("ragbot")
    found = str(beside) if beside.exists() else shutil.which("ragbot")
    if found is None:
        raise UnavailableError("The command ragbot is not installed here.", remedy="Run `make install` first.")
    return [found]
