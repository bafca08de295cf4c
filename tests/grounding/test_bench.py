"""The benchmark that fits the scorer, on a handful of texts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evals.bench.grounding import Row, auroc, collect, fitted, run_grounding
from evals.bench.grounding_pairs import Pair, made_pairs
from ragbot.core.errors import UsageError
from ragbot.grounding.features import Evidence
from ragbot.grounding.scorer import SupportScorer
from ragbot.grounding.scoring import WEIGHTS
from ragbot.testing.embedder import HashModel

TOPICS = ("refunds", "exports", "invoices", "backups", "projects", "members", "webhooks", "reports")
TEXT = """---
title: {name}
---
# {name}

The team of Acme Desk handles {name} within {n} business days after the request. You can ask for {name} in the Settings
page of Acme Desk. If you send the form late, the limit of {m} GB applies to your account. The manager must not approve
{name} of trial accounts without a signed contract.

| Plan | Limit of {name} |
| --- | --- |
| Basic | {n} files |
| Large | {m} files |
"""


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    for number, folder in enumerate(("one", "two")):
        corpus = tmp_path / folder / "corpus"
        corpus.mkdir(parents=True)
        for i, name in enumerate(TOPICS):
            text = TEXT.format(name=name, n=3 + i + number, m=20 + 7 * i)
            (corpus / f"{name}.md").write_text(f"{text}\n\n{text.split('---')[2]}", "utf-8")
    contexts = ["Refunds take 5 business days. They are paid by bank transfer.", "The Pro plan costs $20 per month."]
    others = ["Water tomatoes daily in July.", "Use rain water in the morning."]
    rows = [
        {"id": "a", "answer": "Refunds take 5 business days. They are paid by bank transfer.", "contexts": contexts},
        {"id": "b", "answer": "Refunds take 9 hours. Managers approve them by telephone.", "contexts": contexts},
        {"id": "c", "answer": "Water tomatoes daily in July. Use rain water.", "contexts": others},
        {"id": "d", "answer": "You're welcome!", "contexts": others},
    ]
    rated = [
        {**row, "hallucinated": "yes" if row["id"] == "b" else "no", "published_llm_judges": {"judge": i / 4}}
        for i, row in enumerate(rows)
    ]
    (tmp_path / "rated").mkdir()
    (tmp_path / "rated" / "people.jsonl").write_text("\n".join(json.dumps(row) for row in rated), "utf-8")
    (tmp_path / "rated" / "other.jsonl").write_text('{"question": "not rated"}\n', "utf-8")
    return [tmp_path / name for name in ("one", "two", "rated")]


def test_claims_are_made_true_and_false_of_every_kind(folders: list[Path]) -> None:
    pairs = made_pairs(folders[0], most=20, seed=1)
    truth = {pair.kind: pair.supported for pair in pairs}
    assert {kind for kind, true in truth.items() if true} == {"verbatim", "reworded", "cell"}
    falsified = {
        "number",
        "number of another",
        "unit",
        "negation",
        "name",
        "word",
        "cell of another",
        "absent",
        "foreign",
    }
    assert {kind for kind, true in truth.items() if not true} <= falsified
    assert {"number", "negation", "cell of another", "foreign"} <= set(truth)
    assert all("title:" not in pair.passages[0] for pair in pairs)
    assert made_pairs(folders[0], most=20, seed=1) == pairs


def test_the_report_holds_each_set_with_the_weights_of_the_others(folders: list[Path]) -> None:
    report = run_grounding(folders, most=15, seed=1, embedder=HashModel())
    assert [part["data"] for part in report["sets"]] == ["one", "two", "people"]
    for part in (*report["sets"], *report["shipped"], *report["with_embedder"]):
        assert part["claims_auroc"] > 0.8, part["data"]
    people = report["shipped"][2]
    assert (people["answers"], people["hallucinated"]) == (3, 1), "an answer without claims is not rated"
    assert people["answers_auroc_mean"] == 1.0
    assert people["judge_auroc"] == 0.5
    assert people["kinds"]["answer, true"]["supported"] == 1.0
    assert set(report["weights"]) == set(WEIGHTS)
    json.dumps(report)


def test_weights_keep_their_meaning(folders: list[Path]) -> None:
    weights, bias = fitted(collect(SupportScorer(), made_pairs(folders[0], most=20, seed=1)))
    signs = {name: float(weight) for name, weight in zip(WEIGHTS, weights, strict=True)}
    assert all(signs[name] <= 0 for name in ("denied", "loose", "swapped"))
    assert all(weight >= 0 for name, weight in signs.items() if name not in ("denied", "loose", "swapped"))
    assert bias < 0


def test_what_speaks_for_a_claim_never_counts_against_it() -> None:
    evidence = Evidence(0.5, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, denied=0.0, loose=0.0, swapped=0.0)
    rows = [
        Row(Pair("data", "kind", "claim", (), supported), replace(evidence, covered=0.2 if supported else 0.9))
        for supported in (True, False)
    ]
    assert not fitted(rows)[0].any()


def test_one_data_set_is_no_check(folders: list[Path]) -> None:
    with pytest.raises(UsageError, match="fewer than two"):
        run_grounding(folders[:1], most=10, seed=1)


@pytest.mark.parametrize(
    ("scores", "labels", "expected"),
    [
        ([0.1, 0.9], [False, True], 1.0),
        ([0.9, 0.1], [False, True], 0.0),
        ([0.5, 0.5], [False, True], 0.5),
        ([0.2, 0.4, 0.4, 0.8], [False, False, True, True], 0.875),
        ([0.2, 0.4], [True, True], None),
    ],
)
def test_auroc_counts_ties_half(scores: list[float], labels: list[bool], expected: float | None) -> None:
    assert auroc(scores, labels) == expected
