"""What the tests of evals share: small data sets on disk, and a command that stands in for ragbot."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STAND_IN = Path(__file__).with_name("stand_in.py")

ROW = {"question": "How?", "answers": [], "relevant_docs": [], "answerable": True}


@pytest.fixture
def stand_in() -> list[str]:
    return [sys.executable, "-I", "-S", str(STAND_IN)]


@pytest.fixture
def make_data(tmp_path: Path) -> Callable[..., Path]:
    """Writes a data set: ``make(documents, rows)``, documents by path; a row's missing keys are filled in."""

    def make(documents: dict[str, str], rows: list[Any]) -> Path:
        root = tmp_path / "set"
        for name, text in documents.items():
            path = root / "corpus" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        lines = [json.dumps({**ROW, **row}) if isinstance(row, dict) else str(row) for row in rows]
        (root / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        return root

    return make
