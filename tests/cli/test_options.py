"""Where settings come from: flag > environment > ragbot.yaml > default."""

from pathlib import Path

import pytest

from tests.cli.kit import KnowledgeBase, RagbotCommand


@pytest.mark.parametrize("place", ["before", "after"])
def test_data_dir_and_config_stand_before_or_after_the_command(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path, place: str
) -> None:
    settings = tmp_path / "other.yaml"
    settings.write_text("answer:\n  sentences: 7\n")
    options = ["--data-dir", str(knowledge_base.data_dir), "--config", str(settings)]
    call = [*options, "status", "--json"] if place == "before" else ["status", "--json", *options]
    found = ragbot_command(*call, code=0).json()
    assert found["documents"] == 5
    assert found["settings"]["data_dir"] == str(knowledge_base.data_dir)
    assert found["settings"]["answer"]["sentences"] == 7


def test_what_stands_after_the_command_wins(ragbot_command: RagbotCommand) -> None:
    done = ragbot_command("--data-dir", "one", "status", "--data-dir", "two", "--json", code=0)
    assert done.json()["settings"]["data_dir"] == "two"


def test_flag_beats_environment_beats_file_beats_default(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    def data_dir(*flags: str, **environment: str) -> str:
        found: str = ragbot_command(*flags, "status", "--json", code=0, **environment).json()["settings"]["data_dir"]
        return found

    assert data_dir() == ".ragbot"
    (tmp_path / "ragbot.yaml").write_text("data_dir: of-the-file\n")
    assert data_dir() == "of-the-file"
    assert data_dir(RAGBOT_DATA_DIR="of-the-environment") == "of-the-environment"
    assert data_dir("--data-dir", "of-the-flag", RAGBOT_DATA_DIR="of-the-environment") == "of-the-flag"


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        ("retrieval:\n  candidats: 20\n", {}, "Unknown setting retrieval.candidats in ragbot.yaml, line 2. Did you"),
        ("retreival:\n  candidates: 20\n", {}, "Unknown setting retreival.candidates in ragbot.yaml, line 2. Did you"),
        ("retrieval: [oops\n", {}, "The settings file ragbot.yaml cannot be read"),
        ("", {"RAGBOT_ANSWER__TRESHOLD": "1"}, "RAGBOT_ANSWER__TRESHOLD. Did you mean 'threshold'?"),
        ("", {"RAGBOT_ANSWER__THRESHOLD": "high"}, "RAGBOT_ANSWER__THRESHOLD: Input should be a valid number"),
        ("", {"RAGBOT_CONFIG": "none.yaml"}, "The settings file none.yaml does not exist."),
    ],
)
def test_wrong_settings_are_named_with_their_place(
    ragbot_command: RagbotCommand, tmp_path: Path, text: str, environment: dict[str, str], message: str
) -> None:
    (tmp_path / "ragbot.yaml").write_text(text)
    assert message in ragbot_command("status", code=2, **environment).stderr
