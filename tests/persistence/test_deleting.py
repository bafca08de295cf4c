"""What is deleted is gone from the disk, also while the service runs."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

from ragbot.core.types import Feedback
from ragbot.testing.contracts.turn_store import NOON, OWNER, a_citation, ended
from tests.persistence.kit import FILE, opened

SECRETS = ("gloucester-question", "kirkwall-answer", "penzance-quote", "aberdeen-detail", "swansea-comment")


def on_disk(folder: Path) -> set[str]:
    """Which of the secrets any file holds; read by another process, since closing a file drops SQLite's locks on it."""
    program = (
        "import pathlib, sys\n"
        "held = b''.join(p.read_bytes() for p in pathlib.Path(sys.argv[1]).rglob('*') if p.is_file())\n"
        "print(*[word for word in sys.argv[2:] if word.encode() in held])\n"
    )
    command = [sys.executable, "-c", program, str(folder), *SECRETS]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


async def test_a_deleted_conversation_leaves_the_disk(tmp_path: Path) -> None:
    question, answer, quote, detail, comment = SECRETS
    async with opened(tmp_path) as store:
        await store.finish(ended(await store.begin(OWNER, None, "kept", NOON)))
        turn = await store.begin(OWNER, None, question, NOON)
        long = (f"{answer} " * 2000, f"{quote} " * 500)
        await store.finish(ended(turn, answer=long[0], citations=(a_citation(long[1]),), details={"query": detail}))
        await store.rate(OWNER, turn.id, Feedback(-1, (), comment), NOON)
        assert on_disk(tmp_path) == set(SECRETS)
        await store.delete(OWNER, turn.conversation_id)
        assert on_disk(tmp_path) == set()
        assert [each.title for each in await store.conversations(OWNER, limit=5)] == ["kept"]


async def test_what_somebody_was_reading_leaves_the_disk_when_the_service_ends(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        turn = await store.begin(OWNER, None, SECRETS[0], NOON)
        reader = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM turns").fetchone()
        await store.delete(OWNER, turn.conversation_id)
        assert await store.conversations(OWNER, limit=5) == []
        reader.close()
    assert on_disk(tmp_path) == set()


async def test_after_a_deletion_others_are_waited_for_as_before(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        turn = await store.begin(OWNER, None, "?", NOON)
        await store.delete(OWNER, turn.conversation_id)
        blocker = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        beginning = asyncio.create_task(store.begin(OWNER, None, "?", NOON))
        await asyncio.sleep(0.2)
        assert not beginning.done()
        blocker.execute("ROLLBACK")
        blocker.close()
        await beginning
