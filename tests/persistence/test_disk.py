"""A disk that is full or may only be read: said with the file's name, and nothing lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.core.errors import StorageError
from ragbot.testing.contracts.turn_store import NOON, OWNER, ended, refused
from tests.persistence.kit import FILE, opened

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root on Linux"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


async def test_a_full_disk_stops_one_answer_and_not_the_conversation(small_disk: Path) -> None:
    async with opened(small_disk) as store:
        turn = await store.begin(OWNER, None, "one", NOON)
        long = "All work and no play. " * 100_000
        error = await refused(StorageError, store.finish(ended(turn, answer=long)))
        assert f"The conversations in {small_disk / FILE} cannot be used" in error.message
        assert "free space" in error.remedy
        assert error.retryable
        after = ended(await store.begin(OWNER, turn.conversation_id, "two", NOON))
        await store.finish(after)
        remount(small_disk, "size=20m")
        last = ended(await store.begin(OWNER, turn.conversation_id, "three", NOON), answer=long)
        await store.finish(last)
        first, *others = await store.turns(OWNER, turn.conversation_id)
        assert first.details["error"]["code"] == "interrupted"
        assert others == [after, last]
    async with opened(small_disk) as store:
        assert (await store.turns(OWNER, turn.conversation_id))[1:] == [after, last]


async def test_no_room_for_a_new_database_is_said(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (1024 * 1024 - 4096 * 2))
    url = f"sqlite+aiosqlite:///{small_disk / FILE}"
    with pytest.raises(StorageError, match=FILE):
        async with opened(small_disk.parent / "data", url):
            pass
    (small_disk / "ballast").unlink()
    async with opened(small_disk.parent / "data", url) as store:
        await store.begin(OWNER, None, "now there is room", NOON)


async def test_a_file_that_may_only_be_read_is_said(small_disk: Path) -> None:
    async with opened(small_disk) as store:
        turn = ended(await store.begin(OWNER, None, "?", NOON))
        await store.finish(turn)
    remount(small_disk, "ro")
    with pytest.raises(StorageError, match=str(small_disk / FILE)):
        async with opened(small_disk):
            pass
    remount(small_disk, "rw")
    async with opened(small_disk) as store:
        assert await store.turn(OWNER, turn.id) == turn
