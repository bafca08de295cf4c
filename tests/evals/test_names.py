"""Choosing metrics by name."""

import sys

import pytest

from evals.metrics.names import BY_SOURCE, CITATIONS, DEFAULT, GROUPS, JUDGED, KNOWN, OUTCOMES, RAGAS, checked
from evals.run import chosen_metrics
from evals.scoring import check_installed
from evals.settings import EvalSettings
from ragbot.core.errors import MissingExtraError, UsageError


def test_a_group_stands_for_its_metrics_and_each_comes_once() -> None:
    assert checked(["outcomes", "hit@5", "refused", "hit@5"], "here") == (*OUTCOMES, "hit@5")


def test_the_default_is_every_metric_that_needs_no_model_and_faithfulness() -> None:
    assert set(KNOWN) - set(checked(DEFAULT, "here")) == {"exact_match", *JUDGED} - {"faithfulness"}
    assert not set(GROUPS) & set(KNOWN)


def test_an_unknown_name_says_where_it_stands_and_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"--metrics: there is no metric 'faithfulnes'. Did you mean 'faithfulness'\?"):
        checked(["faithfulnes"], "--metrics")


def test_a_judged_metric_that_is_asked_for_needs_a_judge_and_one_of_the_settings_waits_for_it() -> None:
    assert "faithfulness" in chosen_metrics(EvalSettings.model_validate({}), None)
    assert chosen_metrics(EvalSettings.model_validate({"judge": "openai:big"}), ["faithfulness"]) == ("faithfulness",)
    with pytest.raises(UsageError, match=r"faithfulness, context_recall needs a judge"):
        chosen_metrics(EvalSettings.model_validate({}), ["hit@1", "faithfulness", "context_recall"])


@pytest.mark.parametrize(
    ("package", "needing", "free"),
    [
        ("ragas", ["bleu_score", "faithfulness"], [*BY_SOURCE, *OUTCOMES, *CITATIONS]),
        ("ir_measures", ["hit@5", "passage_mrr@10"], [*RAGAS, *OUTCOMES, *CITATIONS]),
    ],
)
def test_a_package_that_is_missing_is_named_with_its_extra_before_anything_is_played(
    monkeypatch: pytest.MonkeyPatch, package: str, needing: list[str], free: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    check_installed(free)
    with pytest.raises(MissingExtraError) as caught:
        check_installed([*free, *needing])
    assert all(name in caught.value.message for name in needing)
    assert "pip install 'ragbot[eval]'" in caught.value.remedy
    assert "--metrics" in caught.value.remedy
