"""Opening stores, and other processes that do."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ragbot.persistence.opening import open_turn_store
from ragbot.persistence.settings import StoreSettings

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from ragbot.core.ports import TurnStore

REPOSITORY = Path(__file__).parents[2]
FILE = "conversations.sqlite3"


def settings(url: str = "", busy_timeout: float = 10) -> StoreSettings:
    return StoreSettings(url=url, busy_timeout=busy_timeout)


def opened(data_dir: Path, url: str = "", busy_timeout: float = 10) -> "AbstractAsyncContextManager[TurnStore]":
    """The conversations in this data directory, as wiring opens them."""
    return open_turn_store(data_dir, settings(url, busy_timeout))


PREAMBLE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from ragbot.core.errors import ConflictError
from ragbot.persistence.opening import open_turn_store
from ragbot.persistence.settings import StoreSettings
from ragbot.testing.contracts.turn_store import NOON, OWNER, ended

def opened():
    return open_turn_store(Path(sys.argv[1]), StoreSettings())

def say(*words):
    print(*words, flush=True)

def wait():
    return sys.stdin.readline()
"""


def start(data_dir: Path, program: str, *arguments: str) -> "subprocess.Popen[str]":
    """Another process that runs ``async def main()`` of ``program`` with the names of ``PREAMBLE``."""
    source = f"{PREAMBLE}\n{program}\nasyncio.run(main())\n"
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", source, str(data_dir), *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def heard(process: "subprocess.Popen[str]") -> str:
    """The next line the process says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def told(process: "subprocess.Popen[str]", line: str = "") -> None:
    """Lets the process go on from its ``wait()``."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def remaining(process: "subprocess.Popen[str]") -> list[str]:
    """What else the process said until its end. ``communicate`` would lose what ``heard`` has read ahead."""
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    process.communicate()
    return lines
