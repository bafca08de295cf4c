"""The kills' benchmark must notice what it is there to notice."""

import random
from pathlib import Path

import pytest

from evals.bench.kill import run_kills
from evals.bench.state import score_gaps, without_history
from evals.bench.synthetic import Corpus


def test_a_sound_command_holds(tmp_path: Path, stand_in: list[str]) -> None:
    report = run_kills(stand_in, work=tmp_path, kills=2, documents=10, seed=1)
    assert report.held, report.problems
    assert len(report.moments) == 2


def test_a_lost_document_is_noticed(tmp_path: Path, stand_in: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "loses")
    report = run_kills(stand_in, work=tmp_path, kills=1, documents=10, seed=1)
    assert any(problem.startswith("list ") for problem in report.problems)


def test_a_corpus_follows_from_its_seed(tmp_path: Path) -> None:
    states = []
    for name in ("one", "two"):
        corpus = Corpus(tmp_path / name, random.Random(7))
        corpus.add(12)
        corpus.change()
        corpus.change()
        states.append({path.relative_to(corpus.folder): path.read_text() for path in corpus.files()})
    assert states[0] == states[1]
    assert len(states[0]) == 16


def test_close_neighbours_may_swap_and_nothing_else() -> None:
    one = {("a", "x"): 0.9, ("b", "y"): 0.501, ("c", "z"): 0.5}
    assert score_gaps(one, {("a", "x"): 0.9, ("c", "z"): 0.502, ("d", "w"): 0.501}) == []
    assert len(score_gaps(one, {("a", "x"): 0.7, ("b", "y"): 0.5, ("c", "z"): 0.5})) == 1


def test_history_is_left_out_at_every_depth() -> None:
    shown = {"source": "a", "revision": 2, "chunks": [{"text": "x", "chunk_id": "1"}]}
    assert without_history(shown) == {"source": "a", "chunks": [{"text": "x"}]}
