"""Asking and talking in the terminal, as people do."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.kit import KnowledgeBase, RagbotCommand

ANSWERS = {"RAGBOT_ANSWER__THRESHOLD": "0"}


def talk(command: RagbotCommand, base: KnowledgeBase, said: str, *options: str, **more: str) -> tuple[int, str, str]:
    ended = subprocess.run(
        command.arguments("--data-dir", base.data_dir, "chat", *options),
        cwd=command.folder,
        env=command.variables(**more),
        input=said.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    error = ended.stderr.decode()
    assert "Traceback" not in error, error
    return ended.returncode, ended.stdout.decode(), error


def test_a_talk_knows_what_was_said_and_ends_with_the_input(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    said = "Hello!\nWhen are invoices sent?\n\nAnd refunds, how many business days?\n/new\nthanks\n"
    code, out, err = talk(ragbot_command, knowledge_base, said, **ANSWERS)
    assert code == 0
    assert "Invoices are sent on the first day of each month. [1]" in out
    assert "billing.html" in out
    assert "five business days" in out
    assert "A new conversation." in err


def test_commands_of_the_talk_are_told_apart_from_questions(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    code, out, err = talk(ragbot_command, knowledge_base, "/help\n/quit\nWhen are invoices sent?\n", **ANSWERS)
    assert (code, out) == (0, "")
    assert "There is no /help." in err


def test_a_question_too_long_does_not_end_the_talk(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    said = "x" * 100_000 + "\nWhen are invoices sent?\n"
    code, out, err = talk(ragbot_command, knowledge_base, said, **ANSWERS)
    assert code == 0
    assert "at most 20,000" in err
    assert "[1]" in out


def test_control_characters_never_reach_the_terminal(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    code, out, err = talk(ragbot_command, knowledge_base, "\x1b[31minvoices\x07 sent?\n", **ANSWERS)
    assert code == 0
    assert "\x1b" not in out + err


@pytest.mark.parametrize("command", [["ask", "Refunds?"], ["chat"]])
def test_an_unknown_role_is_one_clear_sentence(
    command: list[str], ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    done = ragbot_command("--data-dir", knowledge_base.data_dir, *command, "--role", "suport", code=2)
    assert "suport" in done.stderr
    assert "Did you mean 'support'?" in done.stderr


def test_smalltalk_is_answered_without_sources(ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase) -> None:
    done = ragbot_command("--data-dir", knowledge_base.data_dir, "ask", "Hello there!", code=0)
    assert done.stdout.strip()
    assert "[1]" not in done.stdout
    assert "Nearest" not in done.stdout
    found = ragbot_command("--data-dir", knowledge_base.data_dir, "ask", "Thanks!", "--json", code=0).json()
    assert (found["outcome"], found["citations"]) == ("smalltalk", [])


def test_an_abstention_names_the_nearest_sources_once(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    done = ragbot_command("--data-dir", knowledge_base.data_dir, "ask", "Who painted the Mona Lisa?", code=0)
    assert "I don't know" in done.stdout
    nearest = [line for line in done.stdout.splitlines() if line.startswith("Nearest: ")]
    assert nearest
    assert len(nearest) == len(set(nearest))


@pytest.mark.parametrize(
    ("model", "code", "told"),
    [
        ("gpt-5", 2, "provider"),
        ("nobody:model", 2, "nobody"),
        ("local:/nowhere/model.gguf", 2, "/nowhere/model.gguf"),
    ],
)
def test_a_model_that_is_none_is_refused_before_anything_is_asked(
    model: str, code: int, told: str, ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    done = ragbot_command("--data-dir", knowledge_base.data_dir, "ask", "Refunds?", code=code, RAGBOT_LLM__MODEL=model)
    assert told in done.stderr


DOWN = {
    "RAGBOT_LLM__MODEL": "openai:any",
    "RAGBOT_LLM__BASE_URL": "http://127.0.0.1:9/v1",
    "RAGBOT_LLM__RETRIES": "0",
    "OPENAI_API_KEY": "none",
    **ANSWERS,
}


def test_a_model_that_is_down_ends_a_question_with_its_address(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    done = ragbot_command("--data-dir", knowledge_base.data_dir, "ask", "When are invoices sent?", code=4, **DOWN)
    assert "127.0.0.1:9" in done.stderr
    assert "none" not in done.stderr


def test_a_batch_over_a_model_that_is_down_still_writes_every_row(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    rows = [{"id": "1", "question": "When are invoices sent?"}, {"id": "2", "question": "Hello!"}]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ("--data-dir", knowledge_base.data_dir, "ask", "--input", "q.jsonl", "--output", "a.jsonl")
    ragbot_command(*arguments, code=3, **DOWN)
    answers = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [answer["outcome"] for answer in answers] == ["failed", "smalltalk"]
    assert answers[0]["error"]["code"] == "model_unavailable"
