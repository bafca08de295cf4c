"""Ragas' metrics, the real ones, over answers made by hand."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from evals.metrics.names import JUDGED, RAGAS
from evals.played import FAILED, NotScored, Played, Score
from evals.ragas_adapter.scoring import NO_JUDGE, RagasScores, ragas_scores
from evals.tools import Tools
from ragbot.core.errors import ModelRejectedError
from ragbot.core.types import Message
from ragbot.testing.embedder import HashModel
from tests.evals.answers import answer, citation, hit, played
from tests.evals.judges import ScriptedJudge, anything_that_fits
from tests.evals.progress import Quiet

REFERENCE = "The hub has a battery. It lasts ten hours. Replace it after three years."


def said(text: str, **gold: Any) -> Played:
    given = answer(text=text, cites=(citation(1, "a.md"),), hits=(hit(1, "a.md", REFERENCE),))
    return played(given, **({"reference_answer": REFERENCE} | gold))


async def scored(each: Sequence[Played], names: Sequence[str], judge: ScriptedJudge | None = None) -> RagasScores:
    return await ragas_scores(each, names, Tools(HashModel(), passages=6, judge=judge), Quiet())


async def value(each: Played, name: str, judge: ScriptedJudge | None = None) -> Score:
    return (await scored([each], [name], judge)).values[name][0]


async def test_the_reference_itself_scores_one_by_every_metric_without_a_model() -> None:
    found = await scored([said(f"{REFERENCE} [1]")], list(RAGAS))
    assert {name: scores[0] for name, scores in found.values.items()} == dict.fromkeys(RAGAS, pytest.approx(1.0))
    assert found.cost is None


async def test_other_words_score_less_by_every_metric_without_a_model() -> None:
    found = await scored([said("Octopus is served in Lisbon. [1]")], list(RAGAS))
    for name, [score] in found.values.items():
        assert isinstance(score, float), name
        assert score < 0.5, name


async def test_a_sentence_of_the_reference_is_not_taken_for_the_whole_of_it() -> None:
    """Ragas by itself gives 0.8: it takes each sentence of the reference for an alternative one."""
    part, whole = [await value(said(f"{text} [1]"), "bleu_score") for text in ("The hub has a battery.", REFERENCE)]
    assert isinstance(part, float)
    assert part < 0.3
    assert whole == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("each", "reason"),
    [
        (played(None, reference_answer=REFERENCE), FAILED),
        (played(answer("abstained"), reference_answer=REFERENCE), NotScored("not answered")),
        (played(answer("answered")), NotScored("no reference answer")),
    ],
)
async def test_only_an_answer_with_a_reference_is_compared(each: Played, reason: NotScored) -> None:
    found = await scored([each], list(RAGAS))
    assert {scores[0] for scores in found.values.values()} == {reason}


async def test_without_a_judge_nothing_is_judged_and_without_passages_neither() -> None:
    assert await value(said("A battery. [1]"), "faithfulness") == NO_JUDGE
    bare = played(answer("answered"), reference_answer=REFERENCE)
    assert await value(bare, "faithfulness", ScriptedJudge(anything_that_fits)) == NotScored("nothing retrieved")


@pytest.mark.parametrize("name", JUDGED)
async def test_every_judged_metric_can_be_asked_of_any_chat_model(name: str) -> None:
    found = await scored([said("The hub has a battery. [1]")], [name], ScriptedJudge(anything_that_fits))
    [score] = found.values[name]
    assert isinstance(score, float), score
    assert found.cost is not None
    assert found.cost.calls > 0
    assert found.cost.output_tokens == 5 * found.cost.calls


def faithful(*verdicts: int) -> ScriptedJudge:
    statements = [f"Statement {n}." for n, _ in enumerate(verdicts)]
    judged = [{"statement": s, "reason": "", "verdict": v} for s, v in zip(statements, verdicts, strict=True)]
    return ScriptedJudge([json.dumps({"statements": statements}), json.dumps({"statements": judged})])


async def test_faithfulness_is_the_share_of_statements_that_the_judge_finds_in_the_passages() -> None:
    judge = faithful(1, 0, 1, 1)
    assert await value(said("The hub has a battery. [1] It flies. [1]"), "faithfulness", judge) == 0.75
    generated, judged = judge.asked
    assert '"answer": "The hub has a battery. It flies."' in generated[1].content
    assert REFERENCE in judged[1].content


async def test_an_answer_without_statements_is_not_scored_rather_than_nan() -> None:
    score = await value(said("Well. [1]"), "faithfulness", faithful())
    assert score == NotScored("Ragas gave no number: it found nothing to judge")


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        (["I will not judge this."], "judge: scripted:judge did not send the JSON it was asked for, twice."),
        ([ModelRejectedError("The key is wrong.", remedy="Mend it.")], "judge: The key is wrong. Mend it."),
        ([OSError("odd")], "Ragas: OSError: odd"),
    ],
)
async def test_a_judge_that_fails_is_a_reason_and_never_a_zero(replies: list[Any], reason: str) -> None:
    assert await value(said("A battery. [1]"), "faithfulness", ScriptedJudge(replies)) == NotScored(reason)


async def test_one_answer_that_cannot_be_judged_does_not_lose_the_others() -> None:
    def reply(messages: Sequence[Message]) -> str:
        return "No." if "octopus" in messages[1].content else anything_that_fits(messages)

    both = [said("An octopus. [1]"), said("A battery. [1]")]
    first, second = (await scored(both, ["faithfulness"], ScriptedJudge(reply))).values["faithfulness"]
    assert isinstance(first, NotScored)
    assert second == 1.0


UNTOUCHED = """
import sys
from evals.metrics.names import BY_SOURCE, RAGAS
from evals.scoring import check_installed
import evals.command, evals.dataset, evals.report, evals.run, evals.scoring, evals.ragas_adapter.scoring
check_installed([*BY_SOURCE, *RAGAS])
imported = {module.split(".")[0] for module in sys.modules}
print(sorted({"ragas", "instructor", "langchain_community", "ir_measures", "sklearn"} & imported))
"""


def test_nothing_imports_ragas_before_one_of_its_metrics_is_computed() -> None:
    done = subprocess.run([sys.executable, "-c", UNTOUCHED], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_ragas_does_not_call_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGAS_DO_NOT_TRACK", "false")
    await value(said("A battery. [1]"), "exact_match")
    assert os.environ["RAGAS_DO_NOT_TRACK"] == "true"
