"""Processes measured from outside."""

import sys
import time

import pytest

from evals.bench.process import Running, checked, run
from ragbot.core.errors import UnavailableError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_code_time_and_memory_come_back() -> None:
    done = run(python("import sys, time; time.sleep(.1); x = b'1' * 50_000_000; print('é'); sys.exit(3)"))
    assert (done.code, done.stdout) == (3, "é\n")
    assert done.seconds > 0.1
    assert done.peak_memory > 50_000_000


def test_a_kill_reaches_the_children_too() -> None:
    child = "import time; time.sleep(30)"
    started = time.perf_counter()
    running = Running(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"))
    assert running.kill(after=0.2)
    assert running.wait().code == -9
    assert time.perf_counter() - started < 5


def test_a_process_that_has_ended_is_not_killed() -> None:
    running = Running(python(""))
    assert not running.kill(after=5)
    assert running.wait().code == 0


def test_an_unexpected_end_is_told_with_what_was_said() -> None:
    with pytest.raises(UnavailableError, match=r"exit code 1:\n(.*\n)*ValueError: no"):
        checked(run(python("raise ValueError('no')")))


def test_a_signal_is_named() -> None:
    assert "signal SIGKILL" in run(python("import os; os.kill(os.getpid(), 9)")).ending
