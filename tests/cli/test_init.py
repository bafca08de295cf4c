"""``ragbot init`` gives a folder to start from, and never overwrites anything."""

import re
from pathlib import Path

import pytest
import yaml

from ragbot import resources
from ragbot.core.errors import ConfigError
from ragbot.settings import load_settings
from tests.cli.kit import REPOSITORY, RagbotCommand
from tests.cli.test_json import fits

SHIPPED = (REPOSITORY / "config" / "ragbot.yaml").read_bytes()


def is_to_start_from(written: Path) -> bool:
    """Whether it sets nothing, and names every setting with its default."""
    assert load_settings(config=written, environ={}).describe() == load_settings(environ={}).describe()
    bare = re.sub(r"^(\s*)# (?=[a-z_]+:)", r"\1", written.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return bool(yaml.safe_load(bare) == yaml.safe_load(SHIPPED))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_settings_and_an_empty_folder_and_says_what_to_type(
    ragbot_command: RagbotCommand, tmp_path: Path
) -> None:
    done = ragbot_command("init", code=0)
    assert is_to_start_from(tmp_path / "ragbot.yaml")
    assert list((tmp_path / "docs").iterdir()) == []
    assert done.stdout == "Wrote docs/, ragbot.yaml.\nNext:\n  ragbot ingest docs\n  ragbot serve\n"
    assert not done.stderr


def test_what_it_writes_works(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    ragbot_command("init", "kb", "--sample", code=0)
    inside = RagbotCommand(tmp_path / "kb", ragbot_command.environment)
    assert inside("ingest", "docs", "--json", code=0).json()["failed"] == 0
    assert inside("search", "How long is the warranty?", "--json", code=0).json()["hits"]


def test_json_lists_what_was_written_and_a_second_run_changes_nothing(
    ragbot_command: RagbotCommand, tmp_path: Path
) -> None:
    first = ragbot_command("init", "kb", "--sample", "--json", code=0).json()
    fits("init", first)
    before = tree(tmp_path / "kb")
    assert set(first["written"]) == {"docs/", *before}
    assert {"ragbot.yaml", "questions.jsonl", "docs/orders/returns.md"} < set(before)
    assert is_to_start_from(tmp_path / "kb" / "ragbot.yaml")
    assert before == {"ragbot.yaml": before["ragbot.yaml"], **tree(REPOSITORY / "config" / "sample")}
    assert (first["unchanged"], first["next"]) == ([], ["cd kb", "ragbot ingest docs", "ragbot serve"])
    second = ragbot_command("init", "kb", "--sample", "--json", code=0).json()
    fits("init", second)
    assert (second["written"], set(second["unchanged"])) == ([], set(before))
    assert tree(tmp_path / "kb") == before
    assert ragbot_command("init", "kb", "--sample", code=0).stdout.startswith("Everything is there already.\nNext:")


def test_other_content_is_an_error_that_names_it_before_anything_is_written(
    ragbot_command: RagbotCommand, tmp_path: Path
) -> None:
    (tmp_path / "docs" / "orders").mkdir(parents=True)
    (tmp_path / "docs" / "orders" / "returns.md").write_text("mine")
    (tmp_path / "ragbot.yaml").write_text("data_dir: mine\n")
    before = tree(tmp_path)
    done = ragbot_command("init", "--sample", code=2)
    assert "ragbot.yaml, docs/orders/returns.md. Nothing was written." in done.stderr
    assert not done.stdout
    assert tree(tmp_path) == before


def test_own_documents_beside_it_are_left_alone(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "mine.md").write_text("# Mine\n")
    assert ragbot_command("init", "--json", code=0).json()["written"] == ["ragbot.yaml"]
    assert (tmp_path / "docs" / "mine.md").read_text() == "# Mine\n"


@pytest.mark.parametrize(("place", "named"), [("file", "file"), ("file/below", "file"), ("kb", "kb/docs")])
def test_a_file_in_the_way_is_named(ragbot_command: RagbotCommand, tmp_path: Path, place: str, named: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "docs").write_text("mine")
    done = ragbot_command("init", place, code=2)
    assert named in done.stderr
    assert "Give another DIR." in done.stderr
    assert tree(tmp_path) == {"file": b"mine", "kb/docs": b"mine"}


def test_a_folder_in_place_of_a_file_is_named(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "ragbot.yaml").mkdir()
    assert "ragbot.yaml" in ragbot_command("init", code=2).stderr
    assert not (tmp_path / "docs").exists()


def test_a_place_where_nothing_can_be_written_is_a_usage_error(ragbot_command: RagbotCommand) -> None:
    done = ragbot_command("init", "/proc/ragbot", code=2)
    assert "/proc/ragbot" in done.stderr
    assert "Give another DIR." in done.stderr


def test_a_link_that_leads_nowhere_is_not_written_through(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "ragbot.yaml").symlink_to(tmp_path / "elsewhere")
    assert "ragbot.yaml" in ragbot_command("init", code=2).stderr
    assert not (tmp_path / "elsewhere").exists()


def test_names_in_any_language_and_with_spaces_are_quoted_for_the_shell(
    ragbot_command: RagbotCommand, tmp_path: Path
) -> None:
    name = "知识库 für alle"
    found = ragbot_command("init", name, "--json", code=0).json()
    fits("init", found)
    assert found["directory"] == name
    assert found["next"][0] == f"cd '{name}'"
    assert is_to_start_from(tmp_path / name / "ragbot.yaml")
    assert f"cd '{name}'" in ragbot_command("init", name, code=0).stdout


def test_options_that_were_given_stay_in_the_next_commands(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    here = ragbot_command("--data-dir", "index", "init", "--json", code=0).json()
    assert here["next"] == ["ragbot --data-dir index ingest docs", "ragbot --data-dir index serve"]
    there = ragbot_command("init", "kb", "--data-dir", "index", "--json", code=0).json()
    assert there["next"][1] == f"ragbot --data-dir {tmp_path / 'index'} ingest docs"


def test_it_works_beside_settings_that_are_broken(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    (tmp_path / "ragbot.yaml").write_text("no: [settings\n")
    ragbot_command("init", "kb", code=0)


def test_shipped_data_is_found_in_a_checkout_and_in_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resources.shipped("ragbot.yaml").read_bytes() == SHIPPED
    assert resources.shipped("sample", "docs").is_dir()
    (tmp_path / "ragbot" / "_config").mkdir(parents=True)
    (tmp_path / "config").mkdir()  # somebody else's
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "ragbot")
    assert resources.shipped() == tmp_path / "ragbot" / "_config"
    with pytest.raises(ConfigError, match=r"config/ragbot\.yaml, which ships with ragbot, is missing"):
        resources.shipped("ragbot.yaml")
