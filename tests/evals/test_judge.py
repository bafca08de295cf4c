"""The bridge that lets Ragas ask any chat model for JSON."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from evals.ragas_adapter.replies import UnreadableReplyError, read_reply
from ragbot.core.errors import ModelError, ModelOutputError, ModelRejectedError
from tests.evals.judges import ScriptedJudge


class Verdict(BaseModel):
    """What the tests ask for."""

    verdict: int
    reason: str = ""


GOOD = '{"verdict": 1, "reason": "because"}'


def bridge(model: ScriptedJudge) -> Any:
    from evals.ragas_adapter.judge import JudgeBridge

    return JudgeBridge(model)


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        f"Here you are:\n```json\n{GOOD}\n```\nAnything else?",
        f'<think>Shall I say {{"verdict": "what"}} or {{not this}}?</think>{GOOD}',
        f'The schema is {{"type": "object"}} and so:\n{GOOD}',
        '{"verdict": "1", "reason": "two\nlines"}',
    ],
)
def test_the_json_is_found_among_other_words(reply: str) -> None:
    assert read_reply(reply, Verdict).verdict == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "no JSON object"),
        ("I cannot judge this.", "no JSON object"),
        ('{"verdict": ', "no JSON"),
        ('{"verdict": "maybe"}', "verdict: Input should be a valid integer"),
        ('{"reason": "because"}', "verdict: Field required"),
        ("[1]", "no JSON object"),
        ('{"a":' * 100_000, "no JSON"),
    ],
)
def test_what_does_not_fit_says_why(reply: str, reason: str) -> None:
    with pytest.raises(UnreadableReplyError, match=reason):
        read_reply(reply, Verdict)


async def test_the_judge_is_told_the_schema_and_its_reply_is_read() -> None:
    model = ScriptedJudge([GOOD])
    judge = bridge(model)
    assert await judge.agenerate("Is it so?", Verdict) == Verdict(verdict=1, reason="because")
    [[system, user]] = model.asked
    assert json.dumps(Verdict.model_json_schema()) in system.content
    assert (user.role, user.content) == ("user", "Is it so?")
    assert (judge.calls, judge.input_tokens, judge.output_tokens) == (1, 10, 5)


async def test_a_reply_that_does_not_fit_is_sent_back_once_with_the_reason() -> None:
    model = ScriptedJudge(['{"verdict": "maybe"}', GOOD])
    assert (await bridge(model).agenerate("Is it so?", Verdict)).verdict == 1
    _, again = model.asked
    assert [message.role for message in again] == ["system", "user", "assistant", "user"]
    assert again[2].content == '{"verdict": "maybe"}'
    assert "verdict: Input should be a valid integer" in again[3].content


async def test_two_replies_that_do_not_fit_are_an_error_and_no_score() -> None:
    model = ScriptedJudge(["I am sorry.", "I am sorry again."])
    with pytest.raises(ModelOutputError, match="did not send the JSON"):
        await bridge(model).agenerate("Is it so?", Verdict)
    assert len(model.asked) == 2


async def test_a_reply_that_was_cut_says_so() -> None:
    model = ScriptedJudge(['{"verdict": 1, "rea'], finish="length")
    with pytest.raises(ModelOutputError, match="cut at 64 tokens"):
        await bridge(model).agenerate("Is it so?", Verdict)


async def test_an_empty_reply_is_sent_back_as_something() -> None:
    model = ScriptedJudge(["", GOOD])
    await bridge(model).agenerate("Is it so?", Verdict)
    assert model.asked[1][2].content == "(nothing)"


async def test_a_reply_that_broke_off_is_asked_for_again_and_a_refusal_is_not() -> None:
    once = ScriptedJudge([ModelOutputError("It broke off."), GOOD])
    assert (await bridge(once).agenerate("Is it so?", Verdict)).verdict == 1
    refused = ScriptedJudge([ModelRejectedError("The key is wrong."), GOOD])
    with pytest.raises(ModelRejectedError, match="The key is wrong"):
        await bridge(refused).agenerate("Is it so?", Verdict)
    assert (len(once.asked), len(refused.asked)) == (2, 1)


async def test_a_judge_that_is_down_is_not_asked_for_every_question() -> None:
    model = ScriptedJudge([ModelError("It is down.")])
    judge = bridge(model)
    for _ in range(3):
        with pytest.raises(ModelError, match="It is down"):
            await judge.agenerate("Is it so?", Verdict)
    with pytest.raises(ModelError, match="3 times in a row"):
        await judge.agenerate("Is it so?", Verdict)
    assert len(model.asked) == 3


async def test_a_judge_that_comes_back_is_asked_on() -> None:
    down = ModelRejectedError("Not now.")
    model = ScriptedJudge([down, down, GOOD, down, down, GOOD])
    judge = bridge(model)
    ended = []
    for _ in range(6):
        try:
            ended.append((await judge.agenerate("Is it so?", Verdict)).verdict)
        except ModelRejectedError:
            ended.append(None)
    assert ended == [None, None, 1, None, None, 1]


def test_code_that_is_not_asynchronous_gets_its_answer_too() -> None:
    assert bridge(ScriptedJudge([GOOD])).generate("Is it so?", Verdict).verdict == 1
