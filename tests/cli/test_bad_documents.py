"""Paths and files that cannot be ingested: named, with the way out, and without losing the others."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.kit import RagbotCommand, make_pdf

GOOD = "# Good\n\nWords that can be found.\n"


def make_corrupt(folder: Path) -> None:
    (folder / "corrupt.pdf").write_bytes(b"%PDF-1.7\n" + b"garbage " * 50)


def make_encrypted(folder: Path) -> None:
    (folder / "locked.pdf").write_bytes(make_pdf(("Secret",), password="not empty"))


def make_empty(folder: Path) -> None:
    (folder / "empty.md").write_bytes(b"")


def make_blank(folder: Path) -> None:
    (folder / "blank.txt").write_bytes(b" \n\t\n")


def make_binary(folder: Path) -> None:
    (folder / "binary.md").write_bytes(bytes(range(256)) * 8)


def make_restricted(folder: Path) -> None:
    (folder / "restricted.md").write_text("---\naccess: {not: understood}\n---\nSecret words.\n")


FAILURES: list[tuple[Callable[[Path], None], str, str]] = [
    (make_corrupt, "corrupt.pdf", "corrupt"),
    (make_encrypted, "locked.pdf", "encrypted"),
    (make_empty, "empty.md", "empty"),
    (make_blank, "blank.txt", "empty"),
    (make_binary, "binary.md", "binary"),
    (make_restricted, "restricted.md", "access"),
]


def by_source(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["source"]: row for row in rows}


def test_a_missing_path_is_named_and_nothing_is_made(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    done = ragbot_command("ingest", "nowhere/at all", code=2)
    assert "'nowhere/at all'" in done.stderr
    assert "Check the path" in done.stderr
    assert not (tmp_path / ".ragbot").exists()


def test_one_missing_path_of_two_ingests_nothing(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(GOOD)
    assert "'gone.md'" in ragbot_command("ingest", "good.md", "gone.md", code=2).stderr
    assert ragbot_command("list", "--json", code=0).json() == []


def test_bad_files_are_failures_with_reason_and_remedy_and_good_ones_go_in(
    ragbot_command: RagbotCommand, tmp_path: Path
) -> None:
    kb = tmp_path / "kb"
    kb.mkdir()
    (kb / "good.md").write_text(GOOD)
    for make, _, _ in FAILURES:
        make(kb)
    report = ragbot_command("ingest", "kb", "--json", code=3).json()
    assert report["added"] == 1
    failures = by_source(report["failures"])
    assert {name: failures[name]["code"] for name in failures} == {name: code for _, name, code in FAILURES}
    for name, failure in failures.items():
        assert failure["reason"], name
        assert failure["remedy"], failure
        assert failure["permanent"], failure
    again = ragbot_command("ingest", "kb", "--json", code=3).json()
    assert (again["added"], again["skipped"], again["failed"]) == (0, 1, len(FAILURES))
    for _, name, _ in FAILURES:
        (kb / name).unlink()
    pruned = ragbot_command("ingest", "kb", "--prune", "--json", code=0).json()
    assert (pruned["failed"], pruned["skipped"], pruned["deleted"]) == (0, 1, len(FAILURES))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_unreadable_file_is_a_passing_failure(ragbot_command: RagbotCommand) -> None:
    # Reading it fails for root too, where permissions would not.
    [failure] = ragbot_command("ingest", "/proc/self/mem", "--json", code=3).json()["failures"]
    assert failure["code"] == "unreadable"
    assert not failure["permanent"]
    assert "cannot be read" in failure["reason"]
    assert failure["remedy"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_reported_and_not_pruned(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    inner = tmp_path / "kb" / "inner"
    inner.mkdir(parents=True)
    (inner / "a.md").write_text(GOOD)
    ragbot_command("ingest", "kb", code=0)
    inner.chmod(0)
    try:
        report = ragbot_command("ingest", "kb", "--prune", "--json", code=0).json()
    finally:
        inner.chmod(0o755)
    assert report["deleted"] == 0
    assert "cannot be read" in by_source(report["ignored_files"])["inner/"]["reason"]


def test_types_without_a_loader_are_ignored_with_their_reason(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    kb.mkdir()
    (kb / "good.md").write_text(GOOD)
    (kb / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (kb / "data.xyz").write_bytes(os.urandom(500))
    (kb / ".hidden.md").write_text(GOOD)
    os.mkfifo(kb / "pipe")
    report = ragbot_command("ingest", "kb", "--json", code=0).json()
    ignored = by_source(report["ignored_files"])
    assert set(ignored) == {"picture.png", "data.xyz", ".hidden.md", "pipe"}
    assert ".png" in ignored["picture.png"]["reason"]
    assert ignored[".hidden.md"]["reason"] == "hidden"
    assert ignored["pipe"]["reason"] == "not a regular file"
    assert (report["added"], report["failed"], report["ignored"]) == (1, 0, 4)


def test_two_folders_with_the_same_name_inside_are_kept_apart(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    for name in ("red", "blue"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.md").write_text(f"# {name.title()}\n\nThe colour is {name}.\n")
    ragbot_command("ingest", "red", "blue", code=0)
    sources = [row["source"] for row in ragbot_command("list", "--json", code=0).json()]
    assert sorted(sources) == ["blue/index.md", "red/index.md"]
    assert "red" in ragbot_command("show", "red/index.md", code=0).stdout
    doubt = ragbot_command("show", "index.md", code=2)
    assert "red/index.md" in doubt.stderr
    assert "blue/index.md" in doubt.stderr
    (tmp_path / "red" / "index.md").unlink()
    report = ragbot_command("ingest", "red", "--prune", "--json", code=0).json()
    assert report["deleted"] == 1
    assert [row["source"] for row in ragbot_command("list", "--json", code=0).json()] == ["index.md"]


def test_names_with_spaces_emoji_newlines_and_odd_bytes_work_everywhere(
    ragbot_command: RagbotCommand, tmp_path: Path
) -> None:
    kb = tmp_path / "my docs 📚"
    kb.mkdir()
    odd = "a b 🎉\nsecond [bold]line.md"
    (kb / odd).write_text(GOOD)
    (kb / os.fsdecode(b"caf\xe9.md")).write_text("# Coffee\n\nLatin bytes in the name.\n")
    ragbot_command("ingest", kb, code=0)
    listed = ragbot_command("list", "--json", code=0).json()
    assert {row["source"] for row in listed} == {odd, "caf\\xe9.md"}
    table = ragbot_command("list", code=0).stdout
    assert len(table.splitlines()) == 3, "one line for each document, however it is called"
    assert "[bold]" in table
    assert ragbot_command("show", odd, code=0).stdout == GOOD
    gone = ragbot_command("rm", os.fsdecode(b"caf\xe9.md"), odd, "--json", code=0).json()
    assert gone["deleted"] == 2


def test_symbolic_links_neither_loop_nor_lead_out(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    (kb / "inner").mkdir(parents=True)
    (kb / "good.md").write_text(GOOD)
    (tmp_path / "outside.md").write_text("# Outside\n\nNot meant.\n")
    (kb / "inner" / "up").symlink_to(kb)
    (kb / "self").symlink_to("self")
    (kb / "out.md").symlink_to(tmp_path / "outside.md")
    (kb / "dangling.md").symlink_to("nothing")
    report = ragbot_command("ingest", "kb", "--json", code=0).json()
    assert report["added"] == 1
    assert set(by_source(report["ignored_files"])) == {"inner/up", "self", "out.md", "dangling.md"}
    assert "leads nowhere" in ragbot_command("ingest", kb / "dangling.md", code=2).stderr
