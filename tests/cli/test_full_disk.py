"""A disk that fills up in the middle of an ingest: said clearly, nothing lost, and completed when there is room."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.core.errors import StorageError
from ragbot.index.keywords import KeywordEntry, KeywordIndex
from tests.cli.kit import KnowledgeBase, RagbotCommand

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root on Linux"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


@pytest.mark.parametrize(("room", "pages"), [(150, 20), (4000, 90)])
def test_a_full_disk_stops_an_ingest_which_the_next_one_completes(
    ragbot_command: RagbotCommand,
    knowledge_base: KnowledgeBase,
    small_disk: Path,
    tmp_path: Path,
    room: int,
    pages: int,
) -> None:
    """``room``: kilobytes left; the first runs out in the catalog, the second while vectors are built."""
    data_dir = small_disk / "index"
    shutil.copytree(knowledge_base.data_dir, data_dir)
    used = sum(path.stat().st_blocks for path in data_dir.rglob("*")) * 512
    resize(small_disk, f"{used // 1024 + room}k")
    more = tmp_path / "more"
    more.mkdir()
    for number in range(pages):
        (more / f"{number}.md").write_text(f"# Page {number}\n\n" + f"word{number} alpha beta gamma delta. " * 240)
    base = ["--data-dir", str(data_dir)]
    stopped = ragbot_command(*base, "ingest", more, code=4)
    assert str(data_dir) in stopped.stderr
    assert "free space" in stopped.stderr
    assert not stopped.stdout
    found = ragbot_command(*base, "search", "When are invoices sent?", "--json", code=0).json()
    assert found["hits"][0]["source"] == "billing.html"
    resize(small_disk, "100m")
    report = ragbot_command(*base, "ingest", more, "--json", code=0).json()
    assert report["failed"] == 0
    assert ragbot_command(*base, "doctor", "--json", code=0).json()["findings"] == []


def test_a_keyword_index_without_room_says_so_and_keeps_what_it_had(small_disk: Path) -> None:
    def entries(revision: str, count: int) -> list[KeywordEntry]:
        words = [" ".join(f"{revision}{number}x{word}" for word in range(200)) for number in range(count)]
        return [KeywordEntry(f"{revision}-{n}", revision, "title", "", body) for n, body in enumerate(words)]

    index = KeywordIndex(small_disk / "keywords", writable=True)
    index.add(entries("first", 3))
    index.commit()
    resize(small_disk, "128k")
    with pytest.raises(StorageError, match="cannot be written"):  # noqa: PT012 - which of the two meets it varies
        index.add(entries("second", 2000))
        index.commit()
    index.close()
    assert KeywordIndex(small_disk / "keywords").ids() == {"first-0", "first-1", "first-2"}
