"""Data directories that cannot be used as they are, and who else may be writing to them."""

import json
import os
import shutil
from pathlib import Path

import pytest

from ragbot.index.layout import DataDir
from ragbot.index.lock import writer_lock
from tests.cli.kit import KnowledgeBase, RagbotCommand

QUESTION = "When are invoices sent?"


@pytest.mark.parametrize(
    ("place", "message"),
    [("file", "file is a file, not a data directory"), ("foreign", "foreign is not a ragbot data directory")],
)
def test_what_is_no_data_directory_is_left_as_it_is(
    ragbot_command: RagbotCommand, tmp_path: Path, place: str, message: str
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "letter.md").write_text("mine")
    done = ragbot_command("ingest", "foreign", "--data-dir", place, code=2)
    assert message in done.stderr
    assert "--data-dir" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in (tmp_path / "foreign").iterdir()] == ["letter.md"]


def test_a_place_where_nothing_can_be_written_is_named(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nWords.\n")
    done = ragbot_command("ingest", "a.md", "--data-dir", "/proc/ragbot", code=4)
    assert "/proc/ragbot cannot be written" in done.stderr


@pytest.mark.parametrize("command", [["ask", "x"], ["rm", "x"], ["doctor"]])
def test_nothing_ingested_yet_says_what_to_run(
    ragbot_command: RagbotCommand, tmp_path: Path, command: list[str]
) -> None:
    done = ragbot_command(*command, code=2)
    assert "There is no index in .ragbot yet." in done.stderr
    assert "ragbot ingest PATH" in done.stderr
    assert not (tmp_path / ".ragbot").exists()


@pytest.mark.parametrize("content", ['{"format": 99}', "not json"])
def test_another_format_version_is_refused_by_reader_and_writer(
    ragbot_command: RagbotCommand, own_base: KnowledgeBase, content: str
) -> None:
    (own_base.data_dir / "format.json").write_text(content)
    for command in (["list"], ["ingest", str(own_base.documents)]):
        done = ragbot_command("--data-dir", own_base.data_dir, *command, code=2)
        assert (
            "format 99; this ragbot reads format 1" in done.stderr or "cannot be read as a format file" in done.stderr
        )
        assert "ingest again into another --data-dir" in done.stderr or "restore the file" in done.stderr


def test_another_embedder_is_refused_naming_both_and_loses_nothing(
    ragbot_command: RagbotCommand, own_base: KnowledgeBase
) -> None:
    for command in (["search", QUESTION], ["ingest", str(own_base.documents)], ["rm", "hours.txt"]):
        done = ragbot_command("--data-dir", own_base.data_dir, *command, code=2, RAGBOT_EMBEDDER__MODEL="newer")
        assert "hash:all-MiniLM-L6-v2" in done.stderr
        assert "hash:newer" in done.stderr
        assert "another --data-dir" in done.stderr
    again = ragbot_command("--data-dir", own_base.data_dir, "ingest", own_base.documents, "--json", code=0).json()
    assert (again["added"], again["skipped"]) == (0, 5)


def test_a_model_that_cannot_be_had_is_exit_code_4(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nWords.\n")
    model = {"RAGBOT_EMBEDDER__PROVIDER": "sentence-transformers", "RAGBOT_EMBEDDER__MODEL": "nobody/nothing"}
    done = ragbot_command("ingest", "a.md", code=4, HF_HUB_OFFLINE="1", **model)
    assert "'nobody/nothing'" in done.stderr
    assert "Give a local folder" in done.stderr


def test_a_provider_that_does_not_exist_names_the_nearest(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nWords.\n")
    done = ragbot_command("ingest", "a.md", code=2, RAGBOT_EMBEDDER__PROVIDER="hashh")
    assert "Did you mean 'hash'?" in done.stderr


def test_a_second_writer_learns_who_the_first_is_and_readers_go_on(
    ragbot_command: RagbotCommand, own_base: KnowledgeBase
) -> None:
    base = ["--data-dir", str(own_base.data_dir)]
    with writer_lock(DataDir(own_base.data_dir).lock, "a long ingest"):
        for command in (["ingest", str(own_base.documents)], ["doctor"]):
            done = ragbot_command(*base, *command, code=5)
            assert f"process {os.getpid()} on " in done.stderr
            assert "(a long ingest)" in done.stderr
            assert "Wait for it to finish" in done.stderr
        assert str(os.getpid()) in ragbot_command(*base, "status", "--json", code=0).json()["writer"]
        assert ragbot_command(*base, "search", QUESTION, "--json", code=0).json()["hits"]
    assert ragbot_command(*base, "status", "--json", code=0).json()["writer"] is None


def test_damage_is_exit_code_1_for_doctor_and_repair_mends_it(
    ragbot_command: RagbotCommand, own_base: KnowledgeBase
) -> None:
    base = ["--data-dir", str(own_base.data_dir)]
    shutil.rmtree(own_base.data_dir / "keywords")
    for generation in (own_base.data_dir / "vectors").iterdir():
        shutil.rmtree(generation)
    done = ragbot_command(*base, "search", QUESTION, code=2)
    assert "ragbot doctor --repair" in done.stderr
    found = ragbot_command(*base, "doctor", "--json", code=1).json()
    assert not found["ok"]
    assert {finding["part"] for finding in found["findings"]} >= {"vectors"}
    mended = ragbot_command(*base, "doctor", "--repair", "--json", code=0).json()
    assert mended["repaired"] == ["keywords", "vectors"]
    hits = ragbot_command(*base, "search", QUESTION, "--json", code=0).json()
    assert hits["notes"] == []
    assert hits["hits"][0]["source"] == "billing.html"


def test_a_damaged_catalog_is_said_with_the_way_out(ragbot_command: RagbotCommand, own_base: KnowledgeBase) -> None:
    (own_base.data_dir / "catalog.sqlite3").write_bytes(b"no database " * 1000)
    for command in (["list"], ["search", QUESTION]):
        done = ragbot_command("--data-dir", own_base.data_dir, *command, code=2)
        assert "catalog.sqlite3" in done.stderr
        assert "Restore the data directory from a backup" in done.stderr
    [finding] = json.loads(ragbot_command("--data-dir", own_base.data_dir, "doctor", "--json", code=1).stdout)[
        "findings"
    ]
    assert finding["remedy"]
