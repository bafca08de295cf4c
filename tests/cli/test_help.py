"""``ragbot --help`` is quick because it imports next to nothing, and every command explains itself."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer

from ragbot.cli.main import COMMANDS
from ragbot.registry import load
from tests.cli.kit import RagbotCommand

HEAVY = {
    "chromadb", "huggingface_hub", "langchain_core", "lxml", "numpy", "onnxruntime", "pydantic", "pypdf", "pypdfium2",
    "sentence_transformers", "tantivy", "tokenizers", "torch", "transformers", "yaml",
}  # fmt: skip

FOR_PEOPLE = {"chat", "serve"}
"""Commands that give no result a script could read."""

HELP = """
import contextlib, io, json, sys
from ragbot.cli.main import run
said = []
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try: run()
        except SystemExit as end: said.append([end.code, out.getvalue()])
print(json.dumps([said, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def ask_help(command: RagbotCommand, *calls: list[str]) -> tuple[list[tuple[int, str]], set[str]]:
    """What each call printed, and every top-level module that was imported for it."""
    script = [sys.executable, "-c", HELP, json.dumps(calls)]
    ended = subprocess.run(script, env=command.variables(), cwd=command.folder, capture_output=True, check=True)
    said, modules = json.loads(ended.stdout)
    return [(code, text) for code, text in said], set(modules)


def test_help_names_every_command_and_imports_nothing_heavy(ragbot_command: RagbotCommand) -> None:
    [(code, text)], modules = ask_help(ragbot_command, ["--help"])
    assert code == 0
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}", text, re.MULTILINE), name
    assert not modules & HEAVY


def commands() -> Iterator[str]:
    """Every command by its words; of one with sub-commands, those."""
    for name, (reference, _) in COMMANDS.items():
        found = load(reference)
        if isinstance(found, typer.Typer):
            callbacks = [each.callback for each in found.registered_commands]
            yield from (f"{name} {callback.__name__}" for callback in callbacks if callback)
        else:
            yield name


def test_every_command_explains_itself_and_takes_the_common_options(ragbot_command: RagbotCommand) -> None:
    names = list(commands())
    said, modules = ask_help(ragbot_command, *([*name.split(), "--help"] for name in names))
    for name, (code, text) in zip(names, said, strict=True):
        assert code == 0, name
        assert text.startswith(f"Usage: ragbot {name} "), text
        for option in ("--data-dir", "--config", "--help", *(() if name in FOR_PEOPLE else ("--json",))):
            assert option in text, (name, option)
        described = [line for line in text.splitlines() if re.match(r"  --[a-z-]+", line)]
        assert all(len(line.split("  ")) > 2 or "<" in line for line in described), text
    assert not modules & {"chromadb", "torch", "sentence_transformers", "langchain_core", "onnxruntime"}


def test_one_command_imports_nothing_of_the_others(ragbot_command: RagbotCommand) -> None:
    _, modules = ask_help(ragbot_command, ["list", "--help"])
    assert "ingest" not in modules
    assert "evals" not in modules


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serach", "x"], "There is no command 'serach'. Did you mean 'search'?"),
        (["frobnicate"], "There is no command 'frobnicate'. There are: ingest, search"),
        (["list", "--jsno"], "No such option: --jsno"),
        (["show"], "Missing argument"),
        (["search", "x", "--limit", "none"], "Invalid value for '--limit'"),
    ],
)
def test_a_mistyped_call_is_a_usage_error_that_names_it(
    ragbot_command: RagbotCommand, arguments: list[str], message: str
) -> None:
    done = ragbot_command(*arguments, code=2)
    assert message in done.stderr
    assert not done.stdout


def test_no_arguments_show_the_help(ragbot_command: RagbotCommand) -> None:
    done = ragbot_command(code=2)
    assert "Commands:" in done.stdout + done.stderr
