"""A whole answer, sentence by sentence."""

from ragbot.grounding.answers import judge_answer
from ragbot.grounding.scorer import SupportScorer

PASSAGES = ["Refunds take 5 business days. They are paid by bank transfer.", "The Pro plan costs $20 per month."]


async def test_each_claim_is_judged_by_its_best_passage_and_glue_by_none() -> None:
    answer = "Sure! Refunds take 5 business days [1]. The Pro plan costs $25 per month [2, 3]. I hope this helps!"
    judged = await judge_answer(SupportScorer(), answer, PASSAGES)
    assert [(each.text, each.passage) for each in judged.sentences] == [
        ("Sure!", None),
        ("Refunds take 5 business days.", 0),
        ("The Pro plan costs $25 per month.", 1),
        ("I hope this helps!", None),
    ]
    verdicts = [each.grounding.support for each in judged.sentences if each.grounding]
    assert verdicts == ["supported", "unsupported"]
    assert all(answer[each.start : each.end].startswith(each.text[:4]) for each in judged.sentences)
    assert judged.score is not None
    assert judged.worst == min(judged.scores)
    assert judged.worst < judged.score < max(judged.scores)


async def test_an_answer_that_claims_nothing_has_no_score() -> None:
    for answer in ("", "You're welcome!"):
        judged = await judge_answer(SupportScorer(), answer, PASSAGES)
        assert (judged.score, judged.worst, judged.scores) == (None, None, ())


async def test_claims_without_any_passage_are_unsupported() -> None:
    judged = await judge_answer(SupportScorer(), "Refunds take 5 business days.", [])
    assert judged.score == 0.0
