"""Ragas' faithfulness over the wire: the real metric, the real OpenAI SDK, a real server on a loopback port."""

import json

import pytest

from evals.played import NotScored, Score
from evals.ragas_adapter.scoring import RagasScores, ragas_scores
from evals.run import judge_model
from evals.settings import EvalSettings
from evals.tools import Tools
from ragbot.core.errors import ConfigError
from ragbot.testing.embedder import HashModel
from ragbot.testing.model_server import Cut, ModelServer, Refusal, Reply, Request
from tests.evals.answers import answer, citation, hit, played
from tests.evals.progress import Quiet

PASSAGE = "The hub has a battery. It lasts ten hours."
STATEMENTS = ["The hub has a battery.", "The hub can fly."]


def judging(request: Request) -> Reply:
    """Says what a judge would: the statements of the answer, then a verdict for each by looking into the passage."""
    if '"verdict"' in request.messages[0]["content"]:
        verdicts = [{"statement": s, "reason": "as it is written", "verdict": int(s in PASSAGE)} for s in STATEMENTS]
        return Reply("Here you are: ", json.dumps({"statements": verdicts}), usage=(200, 40))
    return Reply('{"statements": ', json.dumps(STATEMENTS), "}", usage=(100, 20))


async def judged(server: ModelServer, questions: int = 1) -> RagasScores:
    options = {"judge": "openai:scripted-judge", "judge_base_url": server.base_url, "judge_api_key": "judge-key"}
    settings = EvalSettings.model_validate(options)
    tools = Tools(HashModel(), passages=6, concurrency=1, judge=judge_model(settings))
    given = answer(
        text="The hub has a battery. [1] The hub can fly. [1]",
        cites=(citation(1, "a.md"),),
        hits=(hit(1, "a.md", PASSAGE),),
    )
    rows = [played(given, str(number)) for number in range(questions)]
    return await ragas_scores(rows, ["faithfulness"], tools, Quiet())


def scores(found: RagasScores) -> list[Score]:
    return found.values["faithfulness"]


async def test_faithfulness_is_scored_by_a_judge_behind_an_openai_compatible_server() -> None:
    with ModelServer(judging) as server:
        found = await judged(server)
    assert scores(found) == [0.5]
    first, second = server.requests
    assert first.headers["authorization"] == "Bearer judge-key"
    assert (first.model, first.body["temperature"]) == ("scripted-judge", 0)
    assert "The hub can fly." in first.messages[1]["content"]
    assert PASSAGE in second.messages[1]["content"]
    assert found.cost is not None
    assert (found.cost.calls, found.cost.input_tokens, found.cost.output_tokens) == (2, 300, 60)


async def test_a_judge_that_answers_in_prose_is_asked_again_and_then_scored() -> None:
    with ModelServer(Reply("Gladly! The answer makes two statements."), judging) as server:
        found = await judged(server)
    assert scores(found) == [0.5]
    assert [message["role"] for message in server.requests[1].messages] == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Reply("I am sorry, I cannot judge that."), "did not send the JSON it was asked for, twice"),
        (Reply('{"statements": ["The hub', finish="length"), "was cut at 4096 tokens. Raise eval.judge_reply_tokens."),
        (Reply('{"statements": []}'), "Ragas gave no number"),
        (Reply('{"statem', Cut()), "judge: "),
        (Refusal(401, "Incorrect API key"), "judge: "),
        (Refusal(500, "overloaded"), "judge: "),
    ],
)
async def test_a_judge_that_fails_leaves_a_reason_and_no_score(script: Reply | Refusal, reason: str) -> None:
    with ModelServer(script) as server:
        [score] = scores(await judged(server))
    assert isinstance(score, NotScored)
    assert reason in score.reason
    assert "judge-key" not in score.reason


async def test_a_judge_that_is_down_does_not_cost_its_timeout_for_every_question() -> None:
    with ModelServer() as server:
        pass
    found = await judged(server, questions=5)
    reasons = [score.reason for score in scores(found) if isinstance(score, NotScored)]
    assert len(reasons) == 5
    assert "3 times in a row" in reasons[-1]


@pytest.mark.parametrize("judge", ["gpt-5", "opnai:gpt-5", "local:/nowhere/model.gguf"])
def test_a_judge_that_cannot_be_is_told_by_its_own_setting(judge: str) -> None:
    with pytest.raises(ConfigError, match=r"eval\.judge"):
        judge_model(EvalSettings.model_validate({"judge": judge}))
