"""The retrieval benchmark over stand-ins for both systems."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evals.bench.figures import quality
from evals.bench.plain_env import LOCK, torch_pin
from evals.bench.retrieval import cost, measure
from evals.bench.systems import Cold, Ingested, Latency, Ragbot, Searched
from evals.bench.tables import tables
from evals.cases import Case, load_data_set
from evals.metrics.retrieval import Passage


class QuickRagbot(Ragbot):
    """Ours over the stand-in command, which has no Python API."""

    def warm(self, cases: Sequence[Case], data_dir: Path) -> Latency:
        return Latency(0.01, 0.02, len(cases))


class Worst:
    """A system that finds nothing right."""

    name = "plain"

    def __init__(self) -> None:
        self.folders: list[Path] = []

    def ingest(self, corpus: Path, data_dir: Path) -> Ingested:
        self.folders.append(data_dir)
        data_dir.mkdir()
        return Ingested(10.0, 1000)

    def search(self, cases: Sequence[Case], data_dir: Path, *, conversation: bool = True) -> Searched:
        assert data_dir.exists()
        return Searched({case.id: [Passage("none", "")] for case in cases}, Latency(0.1, 0.2, len(cases)), 1000)

    def cold(self, question: str, data_dir: Path) -> Cold:
        return Cold(5.0, 1000)


@pytest.fixture
def root(make_data: Callable[..., Path]) -> Path:
    turns = [{"role": "user", "content": "the red key"}]
    rows = [
        {"id": "1", "question": "Where is the blue lock?", "answers": ["blue lock"], "relevant_docs": ["b.md"]},
        {
            "id": "2",
            "question": "Show it",
            "answers": ["red key"],
            "relevant_docs": ["z.md"],
            "conversation": turns,
        },
    ]
    return make_data({"z.md": "a red key hangs here", "b.md": "the blue lock is here"}, rows)


def test_the_report_holds_quality_differences_and_cost(root: Path, tmp_path: Path, stand_in: list[str]) -> None:
    data = load_data_set(root)
    worst = Worst()
    measured = measure(data, [QuickRagbot(stand_in), worst], tmp_path, rounds=2)
    report = {"data": "set", **quality(data, measured, seed=1), "cost": cost(data, measured)}
    assert report["questions"] == {"all": 2, "by_source": 2, "by_passage": 2, "with_conversation": 1}
    assert report["quality"]["ragbot"]["source"]["hit@1"]["value"] == 1.0
    assert report["quality"]["ragbot without conversation"]["source"]["hit@1"]["value"] == 0.5
    assert report["differences"]["ragbot - plain"]["passage"]["ndcg@10"]["value"] == 1.0
    assert [len(result.ingests) for result in measured] == [2, 2]
    assert [folder.exists() for folder in worst.folders] == [False, True]
    assert report["cost"]["ours_over_plain"]["ingest_speed"] > 1
    assert json.loads(json.dumps(report)) == report
    assert [table.row_count for table in tables(report)] == [5, 5, 13]


def test_one_system_alone_has_no_ratios(root: Path, tmp_path: Path, stand_in: list[str]) -> None:
    data = load_data_set(root)
    measured = measure(data, [QuickRagbot(stand_in)], tmp_path, rounds=1)
    assert cost(data, measured)["ours_over_plain"] == {}


def test_the_lock_pins_every_package_exactly() -> None:
    lines = [line for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    assert all(line.count("==") == 1 and "+" not in line for line in lines)
    assert lines[0] == torch_pin(LOCK.read_text())
