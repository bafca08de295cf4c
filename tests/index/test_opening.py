"""Opening the index: whose it is, what it was made with, and who is writing."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ragbot.core.errors import (
    DataDirError,
    EmbedderMismatchError,
    EmptyIndexError,
    FormatVersionError,
    IndexDamagedError,
    LockHeldError,
)
from ragbot.index.layout import DataDir
from ragbot.index.lock import holder, writer_lock
from ragbot.index.opening import open_catalog
from ragbot.testing.embedder import HashModel
from tests.index.kit import by_keyword, publish, reading, writing


class _Other:
    model = "other"


def test_nothing_ingested_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(EmptyIndexError, match="ragbot ingest"), reading(tmp_path / "new"):
        pass
    with open_catalog(DataDir(tmp_path / "new")) as catalog:
        assert catalog is None
    assert not (tmp_path / "new").exists()


def test_another_embedder_is_refused_by_name_for_reading_and_writing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, {"a.md": "one"})
    other = HashModel(_Other())
    for opened in (reading(tmp_path, other), writing(tmp_path, other)):
        with pytest.raises(EmbedderMismatchError) as caught, opened:
            pass
        assert "hash:default" in str(caught.value)
        assert "hash:other" in str(caught.value)
    with writing(tmp_path) as writer:
        assert len(writer.documents()) == 1


@pytest.mark.parametrize(
    "content",
    ['{"format": 2}', '{"format": 0}', '{"format": "1"}', "{}", "[]", "no json", "", "\xff"],
)
def test_another_format_version_is_refused_and_nothing_is_touched(tmp_path: Path, content: str) -> None:
    with writing(tmp_path) as writer:
        publish(writer, {"a.md": "one"})
    (tmp_path / "format.json").write_text(content, encoding="latin-1")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    for opened in (reading(tmp_path), writing(tmp_path)):
        with pytest.raises(FormatVersionError) as caught, opened:
            pass
        assert str(tmp_path) in str(caught.value)
        assert caught.value.remedy
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(DataDirError, match=r"thesis\.docx"), writing(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for opened in (reading(tmp_path / "file"), writing(tmp_path / "file")):
        with pytest.raises(DataDirError, match="is a file"), opened:
            pass


@pytest.mark.parametrize("name", ["writer.lock", "format.tmp123"])
def test_what_a_writer_killed_at_its_start_leaves_is_no_stranger(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with writing(tmp_path) as writer:
        publish(writer, {"a.md": "one"})


def test_an_index_whose_tables_are_not_made_yet_is_empty_and_not_damaged(tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    place.create()
    sqlite3.connect(place.catalog).close()
    place.catalog.touch()
    with pytest.raises(EmptyIndexError), reading(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read as one" * 20, b"SQLite format 3\0"])
def test_a_damaged_catalog_is_named_with_a_way_out(tmp_path: Path, content: bytes) -> None:
    with writing(tmp_path) as writer:
        publish(writer, {"a.md": "one"})
    DataDir(tmp_path).catalog.write_bytes(content)
    with pytest.raises(IndexDamagedError, match="catalog") as caught, reading(tmp_path):
        pass
    assert "backup" in caught.value.remedy


HOLDER = """
import sys, time
from pathlib import Path
from ragbot.index.lock import writer_lock
with writer_lock(Path(sys.argv[1]), "ragbot ingest kb"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def _held_by_another_process(lock: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


async def test_a_second_writer_is_told_who_writes_and_readers_go_on(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, {"a.md": "one zebra"})
    lock = DataDir(tmp_path).lock
    with _held_by_another_process(lock) as process:
        with pytest.raises(LockHeldError) as caught, writing(tmp_path):
            pass
        assert f"process {process.pid} " in str(caught.value)
        assert "ragbot ingest kb" in str(caught.value)
        assert caught.value.exit_code == 5
        assert f"process {process.pid} " in (holder(lock) or "")
        with reading(tmp_path) as reader:
            assert await by_keyword(reader, "zebra") == ["one zebra"]


def test_the_lock_of_a_killed_holder_is_free(tmp_path: Path) -> None:
    tmp_path.joinpath("data").mkdir()
    lock = DataDir(tmp_path / "data").lock
    with _held_by_another_process(lock) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert holder(lock) is None
        with writing(tmp_path / "data") as writer:
            publish(writer, {"a.md": "one"})
            assert json.loads(lock.read_text())["pid"] == os.getpid()
    assert holder(lock) is None


def test_asking_who_writes_never_keeps_a_writer_out(tmp_path: Path) -> None:
    """``ragbot status`` in a loop must not make an ingest fail with "another process is writing"."""
    import threading

    lock = tmp_path / "writer.lock"
    lock.touch()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            holder(lock)
            stop.wait(0.0005)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for _ in range(500):
            with writer_lock(lock, "test"):
                pass
    finally:
        stop.set()
        asker.join()
