"""The readers' benchmark must notice what it is there to notice."""

from pathlib import Path

import pytest

from evals.bench.readers import run_readers


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.md").write_text(f"Paper {number} about thing {number}.\n")
    return folder


def test_a_sound_command_holds(corpus: Path, tmp_path: Path, stand_in: list[str]) -> None:
    report = run_readers(stand_in, corpus, work=tmp_path / "work", readers=6, documents=12, seed=1)
    assert report.held
    assert (report.readers, report.ingests) == (6, 2)
    assert report.hits > 0


@pytest.mark.parametrize(("fault", "field"), [("keeps", "deleted"), ("crashes", "crashed")])
def test_a_fault_is_noticed(
    corpus: Path, tmp_path: Path, stand_in: list[str], monkeypatch: pytest.MonkeyPatch, fault: str, field: str
) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", fault)
    report = run_readers(stand_in, corpus, work=tmp_path / "work", readers=8, documents=12, seed=1)
    assert not report.held
    assert getattr(report, field)
