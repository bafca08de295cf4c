"""What is shipped beside the code says what the code does."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ragbot.settings import load_settings

ROOT = Path(__file__).parents[1]


def test_the_shipped_settings_file_states_every_default() -> None:
    shipped = yaml.safe_load((ROOT / "config" / "ragbot.yaml").read_text())

    assert shipped == load_settings(environ={}, config=ROOT / "config" / "ragbot.yaml").describe()
    assert shipped == load_settings(environ={}).describe()


@pytest.mark.parametrize(
    "page", sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]), ids=lambda path: path.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    gone = [each for each in targets if "://" not in each and not (page.parent / each).exists()]

    assert not gone


def test_the_readme_s_python_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from ingest.command import run

    (tmp_path / "help.md").write_text("# Password\n\nReset your password under Settings. On the phone, tap Account.\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAGBOT_EMBEDDER__PROVIDER", "hash")
    run(load_settings(), [tmp_path / "help.md"])
    block = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]

    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})  # our own file

    assert "help.md" in capsys.readouterr().out


def test_nothing_we_ship_names_a_path_of_the_machine_it_was_made_on() -> None:
    pages = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").rglob("*.*")]

    pages = [page for page in pages if page.suffix != ".pdf"]
    assert not [page.name for page in pages if re.search(r"/(?:work|root|tmp)/", page.read_text())]
