"""Opening the conversations: new, again, elsewhere, by many at once, and where they cannot be used."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from ragbot.core.errors import ConfigError, DataDirError, FormatVersionError, RagbotError, StorageError
from ragbot.testing.contracts.turn_store import NOON, OWNER, ended, refused
from tests.persistence.kit import FILE, heard, opened, start, told

LATIN = os.fsdecode(b"latin \xe9")
"""A name that is no UTF-8."""


async def make(data_dir: Path) -> Path:
    """A database with one finished turn; gives its path."""
    async with opened(data_dir) as store:
        await store.finish(ended(await store.begin(OWNER, None, "What is kept?", NOON)))
    return data_dir / FILE


async def complaint(data_dir: Path, url: str = "") -> RagbotError:
    with pytest.raises(RagbotError) as caught:
        async with opened(data_dir, url):
            pass
    return caught.value


async def titles(data_dir: Path, url: str = "") -> list[str]:
    async with opened(data_dir, url) as store:
        return [each.title for each in await store.conversations(OWNER, limit=100)]


async def test_conversations_are_there_again_after_a_restart(tmp_path: Path) -> None:
    await make(tmp_path)
    await make(tmp_path)
    assert await titles(tmp_path) == ["What is kept?"] * 2
    assert sorted(os.listdir(tmp_path)) == [FILE, f"{FILE}-runners"]
    assert os.listdir(tmp_path / f"{FILE}-runners") == []


@pytest.mark.parametrize("name", ["new/and/deep", "100% sure? #1 'ä' 💬", "file:x", "a%20b", LATIN])
async def test_any_folder_name_will_do(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    await make(Path(name))
    assert (tmp_path / name / FILE).is_file()
    assert await titles(tmp_path / name) == ["What is kept?"]


async def test_the_database_can_stand_elsewhere(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/elsewhere/talks.db"
    async with opened(tmp_path / "data", url) as store:
        await store.begin(OWNER, None, "there", NOON)
    assert (tmp_path / "elsewhere" / "talks.db").is_file()
    assert not (tmp_path / "data").exists()
    assert await titles(tmp_path / "data", url) == ["there"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+asyncpg://bot:s3cret@db/talks", "PostgreSQL comes later"),
        ("sqlite:///talks.db", "sqlite\\+aiosqlite"),
        ("mysql://bot:s3cret@db/talks", "mysql"),
        ("s3cret", "is not a database URL"),
        ("sqlite+aiosqlite://", "must name a file"),
        ("sqlite+aiosqlite:///:memory:", "must name a file"),
        ("sqlite+aiosqlite:///file:talks.db?mode=ro&uri=true", "must name a file"),
        ("sqlite+aiosqlite:///talks.db?timeout=1", "without options"),
    ],
)
async def test_a_url_that_cannot_be_used_is_said_without_its_password(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        async with opened(tmp_path, url):
            pass
    assert "store.url" in caught.value.message
    assert "sqlite+aiosqlite:////" in caught.value.remedy
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"
    assert os.listdir(tmp_path) == []


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = await make(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("UPDATE alembic_version SET version_num = '0042'")
    connection.close()
    before = path.read_bytes()
    error = await complaint(tmp_path)
    assert isinstance(error, FormatVersionError)
    assert error.message == f"The conversations in {path} have version 0042; this ragbot reads versions up to 0001."
    assert "Use the ragbot version that wrote them" in error.remedy
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == [FILE, f"{FILE}-runners"]


NOT_DATABASES = {
    "text": b"Dear diary, " * 1000,
    "header only": b"SQLite format 3\x00" + b"\xff" * 84,
    "torn": b"SQLite format 3\x00" + b"\x10\x00\x01\x01\x00\x40\x20\x20" + b"\x07" * 9000,
}


@pytest.mark.parametrize("content", NOT_DATABASES.values(), ids=NOT_DATABASES)
async def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE
    path.write_bytes(content)
    error = await complaint(tmp_path)
    assert isinstance(error, DataDirError)
    assert f"The conversations in {path} are damaged" in error.message
    assert "Restore the file from a backup" in error.remedy
    assert path.read_bytes() == content


async def test_damage_inside_is_said_when_it_is_met(tmp_path: Path) -> None:
    path = await make(tmp_path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (size - 4096))
    error = await complaint(tmp_path)
    assert isinstance(error, DataDirError)
    assert f"The conversations in {path} are damaged" in error.message


async def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    error = await complaint(tmp_path)
    assert isinstance(error, DataDirError)
    assert f"{tmp_path / FILE} is a folder" in error.message


async def test_the_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE invoices (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    error = await complaint(tmp_path / "data", f"sqlite+aiosqlite:///{path}")
    assert f"{path} is not a database of conversations: it holds the table 'invoices'." in error.message
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["file", "folder of other things"])
async def test_what_is_no_data_directory_is_left_as_it_is(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "letter.md").write_text("mine")
    error = await complaint(place)
    assert isinstance(error, DataDirError)
    assert str(place) in error.message
    assert "--data-dir" in error.remedy
    assert place.read_text() == "mine" if kind == "file" else os.listdir(place) == ["letter.md"]


async def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    error = await complaint(Path("/proc/ragbot"))
    assert isinstance(error, StorageError)
    assert f"/proc/ragbot/{FILE}" in error.message
    (tmp_path / "file").write_text("mine")
    error = await complaint(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/file/talks.db")
    assert isinstance(error, StorageError)
    assert f"{tmp_path}/file/talks.db" in error.message


async def test_a_migration_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    path = tmp_path / FILE
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.execute("CREATE TABLE feedback (mine TEXT)")  # the last one the migration makes
    connection.close()
    error = await complaint(tmp_path)
    assert "feedback already exists" in error.message
    with sqlite3.connect(path) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert names == {"alembic_version", "feedback"}


async def test_any_number_may_open_a_new_database_at_the_same_moment(tmp_path: Path) -> None:
    program = """
async def main():
    say("ready"); wait()
    async with opened() as store:
        await store.finish(ended(await store.begin(OWNER, None, "theirs", NOON)))
    say("done")
"""
    data_dir = tmp_path / "data"
    others = [start(data_dir, program) for _ in range(2)]
    assert [heard(each) for each in others] == ["ready"] * 2
    for each in others:
        told(each)
    await asyncio.gather(*(make(data_dir) for _ in range(4)))
    for each in others:
        output, _ = each.communicate(timeout=30)
        assert (output, each.returncode) == ("done\n", 0)
    assert sorted(await titles(data_dir)) == ["What is kept?"] * 4 + ["theirs"] * 2


async def test_only_its_owner_may_read_the_file_unless_somebody_opened_it_up(tmp_path: Path) -> None:
    path = await make(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    await make(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o640


async def test_a_store_that_was_closed_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        pass
    error = await refused(StorageError, store.begin(OWNER, None, "?", NOON))
    assert f"{tmp_path / FILE} are closed" in error.message


async def test_a_backup_made_while_the_service_runs_can_be_put_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "restored").mkdir()
    async with opened(tmp_path / "data") as store:
        turn = ended(await store.begin(OWNER, None, "kept", NOON))
        await store.finish(turn)
        half = await store.begin(OWNER, turn.conversation_id, "half answered", NOON)
        with sqlite3.connect(tmp_path / "data" / FILE) as connection:
            connection.execute(f"VACUUM INTO '{tmp_path}/restored/{FILE}'")
        connection.close()
        await store.finish(ended(half))
    async with opened(tmp_path / "restored") as store:
        first, second = await store.turns(OWNER, turn.conversation_id)
        assert (first, second.id, second.outcome) == (turn, half.id, "failed")
