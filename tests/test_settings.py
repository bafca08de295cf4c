"""Merging, checking and describing settings."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from ingest.settings import IngestSettings
from ragbot.chat.settings import AnswerSettings
from ragbot.core.errors import ConfigError
from ragbot.retrieval.settings import RetrievalSettings
from ragbot.settings import SECTIONS, Section, Settings, load_settings


class MailSettings(Section):
    """What another package could bring."""

    api_key: SecretStr = SecretStr("")
    server: str = "localhost"
    mode: Literal["on", "off"] = "on"
    note: str | None = None
    folder: Path = Path("mail")
    retries: int = 3


OURS = {**SECTIONS, "mail": f"{__name__}:MailSettings"}


def load(*file: str | Path, **environ: str) -> Settings:
    """Settings from a file with this text in this folder, if given, and from these environment variables alone."""
    config = None
    if file:
        text, folder = file
        config = Path(folder) / "settings.yaml"
        config.write_text(str(text), encoding="utf-8")
    return load_settings(config=config, environ=environ, sections=OURS)


def complaint(settings: Settings, model: type[Section]) -> str:
    with pytest.raises(ConfigError) as caught:
        settings.section(model)
    return str(caught.value)


def refused(*file: str | Path, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(*file, **environ)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def test_without_anything_the_defaults_hold() -> None:
    settings = load()
    assert settings.data_dir == Path(".ragbot")
    assert settings.section(RetrievalSettings) == RetrievalSettings.model_validate({})


def test_flag_beats_environment_beats_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("data_dir: file\nanswer:\n  passages: 2\n  sentences: 2\n  threshold: 0.2\n")
    environ = {"RAGBOT_DATA_DIR": "environment", "RAGBOT_ANSWER__PASSAGES": "3", "RAGBOT_ANSWER__SENTENCES": "3"}
    flags = {"data_dir": Path("flag"), "answer.passages": 4, "answer.sentences": None}
    settings = load_settings(config=file, environ=environ, flags=flags)
    assert settings.data_dir == Path("flag")
    answer = settings.section(AnswerSettings)
    assert (answer.passages, answer.sentences, answer.threshold) == (4, 3, 0.2)


def test_the_file_in_the_working_directory_is_read_unless_another_is_named(tmp_path: Path) -> None:
    Path("ragbot.yaml").write_text("data_dir: here\n")
    (tmp_path / "named.yaml").write_text("data_dir: named\n")
    assert load().data_dir == Path("here")
    assert load(RAGBOT_CONFIG=str(tmp_path / "named.yaml")).data_dir == Path("named")
    assert load("data_dir: given\n", tmp_path, RAGBOT_CONFIG=str(tmp_path / "named.yaml")).data_dir == Path("given")


@pytest.mark.parametrize("named", ["--config", "RAGBOT_CONFIG"])
def test_a_named_file_that_is_missing_is_an_error(named: str) -> None:
    config = Path("gone.yaml") if named == "--config" else None
    with pytest.raises(ConfigError, match=r"gone\.yaml does not exist. Check --config or RAGBOT_CONFIG"):
        load_settings(config=config, environ={"RAGBOT_CONFIG": "gone.yaml"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nretreival:\n  candidates: 50\n", "settings.yaml, line 3. Did you mean 'retrieval'?"),
        ("date_dir: x\n", "Unknown setting date_dir in {file}, line 1. Did you mean 'data_dir'?"),
        ("answer: 7\n", "answer in {file}, line 1 is a section"),
        ("answer: [1]\n", "answer in {file}, line 1 is a section"),
        ("- answer\n", "must hold sections"),
        ("just text", "must hold sections"),
        ("answer: {oops\n", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert message.format(file=tmp_path / "settings.yaml") in refused(text, tmp_path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"data_dir: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"latin\.yaml cannot be read"):
        load_settings(config=tmp_path / "latin.yaml", environ={})


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("RAGBOT_ANSWR__PASSAGES", "RAGBOT_ANSWR__PASSAGES. Did you mean 'answer'?"),
        ("RAGBOT_DATADIR", "RAGBOT_DATADIR. Did you mean 'data_dir'?"),
        ("RAGBOT_ANSWER", "answer in the environment variable RAGBOT_ANSWER is a section"),
    ],
)
def test_an_unknown_variable_names_the_nearest(variable: str, message: str) -> None:
    assert message in refused(**{variable: "1"})


def test_an_unknown_key_names_its_place_and_the_nearest(tmp_path: Path) -> None:
    said = complaint(load("answer:\n  passages: 3\n\n  sentnces: 2\n", tmp_path), AnswerSettings)
    assert said == (
        f"Unknown setting answer.sentnces in {tmp_path / 'settings.yaml'}, line 4. Did you mean 'sentences'?"
    )
    said = complaint(load(RAGBOT_ANSWER__PASAGES="3"), AnswerSettings)
    assert said == (
        "Unknown setting answer.pasages in the environment variable RAGBOT_ANSWER__PASAGES. Did you mean 'passages'?"
    )


@pytest.mark.parametrize("value", ["many", "[1]", "2.5", "0", "1000000"])
def test_a_value_that_does_not_fit_names_its_place(tmp_path: Path, value: str) -> None:
    said = complaint(load(f"answer:\n  passages: {value}\n", tmp_path), AnswerSettings)
    assert said.startswith(f"Setting answer.passages in {tmp_path / 'settings.yaml'}, line 2: Input should be")
    assert "RAGBOT_ANSWER__PASSAGES" in complaint(load(RAGBOT_ANSWER__PASSAGES=value), AnswerSettings)


def test_one_wrong_section_leaves_the_others_usable(tmp_path: Path) -> None:
    settings = load("answer:\n  passages: many\n", tmp_path)
    assert settings.section(RetrievalSettings).candidates
    complaint(settings, AnswerSettings)


def test_variables_expand_in_the_file(tmp_path: Path) -> None:
    text = (
        "data_dir: ${PLACE:-somewhere}/index\n"
        "answer:\n  passages: ${PASSAGES:-5}\n  threshold: ${THRESHOLD}\n"
        "ingest:\n  ignore: [ '${WORD:-drafts}', '*.bak' ]\n"
    )
    settings = load(text, tmp_path, THRESHOLD="0.25")
    assert settings.data_dir == Path("somewhere/index")
    assert settings.section(AnswerSettings).passages == 5
    assert settings.section(AnswerSettings).threshold == 0.25
    assert settings.section(IngestSettings).ignore == ["drafts", "*.bak"]
    settings = load(text, tmp_path, PLACE="/srv", PASSAGES="9", THRESHOLD="0.25", WORD="")
    assert settings.data_dir == Path("/srv/index")
    assert settings.section(AnswerSettings).passages == 9
    assert settings.section(IngestSettings).ignore == ["drafts", "*.bak"]


def test_lists_and_numbers_come_from_the_environment() -> None:
    settings = load(RAGBOT_INGEST__IGNORE='["a b", "*.tmp"]', RAGBOT_INGEST__TIMEOUT="2.5")
    assert settings.section(IngestSettings).ignore == ["a b", "*.tmp"]
    assert settings.section(IngestSettings).timeout == 2.5


@pytest.mark.parametrize("text", ["0123", "on", "null", "2024-01-01", "a: b", "[x", "1e5"])
def test_text_from_the_environment_stays_what_it_is(text: str) -> None:
    settings = load(
        RAGBOT_DATA_DIR=text,
        RAGBOT_MAIL__SERVER=text,
        RAGBOT_MAIL__NOTE=text,
        RAGBOT_MAIL__API_KEY=text,
        RAGBOT_MAIL__FOLDER=text,
    )
    assert settings.data_dir == Path(text)
    mail = settings.section(MailSettings)
    assert (mail.server, mail.note, mail.api_key.get_secret_value()) == (text, text, text)
    assert mail.folder == Path(text)


def test_a_choice_that_yaml_would_take_for_a_truth_value_works() -> None:
    assert load(RAGBOT_MAIL__MODE="off").section(MailSettings).mode == "off"


def test_empty_variables_and_values_count_as_not_set(tmp_path: Path) -> None:
    assert load(RAGBOT_DATA_DIR="", RAGBOT_ANSWER__PASSAGES="", RAGBOT_CONFIG="").data_dir == Path(".ragbot")
    assert load("data_dir:\nanswer:\n", tmp_path).data_dir == Path(".ragbot")
    assert load("data_dir: ${NOWHERE}\n", tmp_path).data_dir == Path(".ragbot")


def test_the_section_of_another_package_is_registered_by_name(tmp_path: Path) -> None:
    mail = load("mail:\n  server: example.org\n", tmp_path, RAGBOT_MAIL__RETRIES="5").section(MailSettings)
    assert (mail.server, mail.retries) == ("example.org", 5)
    assert "Did you mean 'server'?" in complaint(load("mail:\n  servre: x\n", tmp_path), MailSettings)


def test_a_secret_comes_from_the_environment_or_a_file_and_is_never_described(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    for environ in ({"RAGBOT_MAIL__API_KEY": "s3cret"}, {"RAGBOT_MAIL__API_KEY_FILE": str(tmp_path / "key")}):
        settings = load(**environ)
        assert settings.section(MailSettings).api_key.get_secret_value() == "s3cret"
        assert "s3cret" not in str(settings.describe())
        assert settings.describe()["mail"]["api_key"] == "**********"


def test_a_secret_in_the_file_is_refused_without_repeating_it(tmp_path: Path) -> None:
    said = complaint(load("mail:\n  server: x\n  api_key: s3cret\n", tmp_path), MailSettings)
    assert "settings.yaml, line 3" in said
    assert "RAGBOT_MAIL__API_KEY" in said
    assert "s3cret" not in said


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"\xff\xfe", "it is not UTF-8")])
def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    said = refused(RAGBOT_MAIL__API_KEY_FILE=str(tmp_path / "key"))
    assert "RAGBOT_MAIL__API_KEY_FILE names" in said
    assert reason in said


def test_describe_shows_every_section_as_json_values() -> None:
    described = load().describe()
    assert set(described) == {"data_dir", *OURS}
    assert described["mail"]["folder"] == "mail"


def test_a_model_that_was_never_registered_is_a_programming_error() -> None:
    class Stray(Section):
        pass

    with pytest.raises(LookupError, match="Stray"):
        load().section(Stray)


def test_what_kubernetes_says_of_a_service_called_ragbot_is_no_setting() -> None:
    injected = {
        "RAGBOT_SERVICE_HOST": "10.0.0.7",
        "RAGBOT_SERVICE_PORT_HTTP": "8000",
        "RAGBOT_PORT": "tcp://10.0.0.7:8000",
        "RAGBOT_PORT_8000_TCP_ADDR": "10.0.0.7",
    }
    here = load_settings(environ={**injected, "KUBERNETES_SERVICE_HOST": "10.0.0.1"}).describe()
    assert here == load_settings(environ={}).describe()
    with pytest.raises(ConfigError, match="RAGBOT_PORT"):
        load_settings(environ=injected)
