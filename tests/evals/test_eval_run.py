"""``ragbot eval run``, the real command on a small knowledge base."""

import json
import socket
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

from evals.dataset import load_questions
from evals.metrics.names import DEFAULT, checked
from ragbot.cli.main import app
from ragbot.resources import shipped
from tests.cli.kit import Done, KnowledgeBase
from tests.cli.test_json import fits

QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "invoices",
        "question": "When are invoices sent?",
        "expected_sources": ["billing.html"],
        "reference_contexts": ["Invoices are sent on the first day of each month."],
        "reference_answer": "Invoices are sent on the first day of each month.",
        "answerable": True,
        "tags": ["billing"],
    },
    {
        "id": "link",
        "question": "How long does the link work?",
        "conversation": [{"role": "user", "content": "How do I reset my password?"}],
        "expected_sources": ["guides/passwords.md"],
        "reference_contexts": ["The link in the message works for 30 minutes."],
        "reference_answer": "30 minutes.",
        "tags": ["follow-up"],
    },
    {
        "id": "extension",
        "question": "On which extension is the night engineer?",
        "principals": ["staff"],
        "expected_sources": ["internal.md"],
        "answerable": True,
    },
    {"id": "hello", "question": "Hello", "outcome": "smalltalk", "tags": ["greeting"]},
    {"id": "octopus", "question": "Which restaurant serves octopus?", "answerable": False, "tags": ["unanswerable"]},
]
OWN = "hit@1,passage_recall@5,answered,refused,outcome_accuracy,answered_wrongly,citation_precision"


ENVIRONMENT = {"RAGBOT_EMBEDDER__PROVIDER": "hash", "RAGBOT_ANSWER__THRESHOLD": "0.1", "COLUMNS": "140"}


class RunEval(Protocol):
    """``run_eval(rows, "--json", code=0)`` writes the rows, if any, and runs the command beside them."""

    def __call__(self, rows: list[dict[str, Any]] | None, *arguments: str, code: int, **more: str) -> Done: ...


@pytest.fixture
def run_eval(
    knowledge_base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> RunEval:
    """In this process: the command imports more than half a test can bear."""
    monkeypatch.chdir(tmp_path)

    def run(rows: list[dict[str, Any]] | None, *arguments: str, code: int, **more: str) -> Done:
        for name, value in {**ENVIRONMENT, **more}.items():
            monkeypatch.setenv(name, value)
        if rows is not None:
            (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        with pytest.raises(SystemExit) as ended:
            app(["eval", "--data-dir", str(knowledge_base.data_dir), "run", *arguments], prog_name="ragbot")
        done = Done(int(ended.value.code or 0), *capfd.readouterr())
        assert done.code == code, done
        return done

    return run


def strict(text: str) -> Any:
    """JSON without the NaN and Infinity that Python would let pass."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def test_a_run_scores_what_was_found_said_and_cited(run_eval: RunEval) -> None:
    report = strict(run_eval(QUESTIONS, "--json", "--metrics", OWN, code=0).stdout)
    fits("eval-run", report)
    rows = {row["id"]: row for row in report["rows"]}
    assert list(rows) == [row["id"] for row in QUESTIONS]
    assert report["metrics"] == OWN.split(",")
    for name in ("invoices", "link", "extension"):
        assert rows[name]["scores"]["hit@1"] == 1.0, name
        assert rows[name]["outcome"] == "answered", name
        assert rows[name]["citations"], name
    assert rows["hello"]["outcome"] == "smalltalk"
    assert rows["hello"]["scores"]["hit@1"] == {"not_scored": "no expected sources"}
    assert report["figures"]["hit@1"] == {
        "value": 1.0,
        "low": 1.0,
        "high": 1.0,
        "n": 3,
        "not_scored": {"no expected sources": 2},
    }
    assert report["figures"]["passage_recall@5"]["n"] == 2
    assert report["figures"]["answered"]["n"] == 3
    assert report["figures"]["refused"]["n"] == 1
    assert list(report["slices"]) == ["billing", "follow-up", "greeting", "unanswerable"]
    assert report["slices"]["billing"]["figures"]["refused"]["value"] is None
    assert report["settings"]["answer"]["threshold"] == 0.1
    assert report["latency"]["total"]["n"] == 5
    assert report["judge"] is None


def test_the_default_run_is_a_table_for_people_and_a_file_for_scripts(run_eval: RunEval, tmp_path: Path) -> None:
    done = run_eval(QUESTIONS, "--output", "run.json", code=0)
    report = strict((tmp_path / "run.json").read_text())
    fits("eval-run", report)
    assert report["metrics"] == list(checked(DEFAULT, "default"))
    scores = {row["id"]: row["scores"] for row in report["rows"]}
    for name in ("bleu_score", "rouge_score", "chrf_score", "semantic_similarity", "string_presence"):
        assert scores["invoices"][name] == pytest.approx(1.0), name
        assert scores["extension"][name] == {"not_scored": "no reference answer"}, name
    assert scores["invoices"]["faithfulness"] == {"not_scored": "no judge is configured (eval.judge)"}
    assert done.stdout.startswith("questions.jsonl: 5 questions (3 answered")
    for name in (*report["metrics"], "greeting", "first text", "whole answer"):
        assert name in done.stdout, name
    assert "not scored" in done.stdout
    assert "5 no judge is configured (eval.judge)" in done.stdout
    assert "The run is in run.json." in done.stderr


def test_a_question_that_breaks_is_counted_and_the_run_goes_on(run_eval: RunEval) -> None:
    endless = {"id": "endless", "question": "why " * 6000, "expected_sources": ["hours.txt"], "tags": ["billing"]}
    done = run_eval([QUESTIONS[0], endless], "--json", "--metrics", OWN, code=3)
    report = strict(done.stdout)
    fits("eval-run", report)
    assert report["questions"]["outcomes"] == {"answered": 1, "failed": 1}
    broken = report["rows"][1]
    assert broken["error"]["code"] == "usage"
    assert set(map(str, broken["scores"].values())) == {"{'not_scored': 'the question failed'}"}
    assert report["figures"]["hit@1"]["n"] == 1
    assert report["figures"]["answered"]["not_scored"] == {"the question failed": 1}
    assert "1 of 2 questions failed" in done.stderr


def test_questions_worth_a_look_are_listed(run_eval: RunEval) -> None:
    rows = [{**QUESTIONS[0], "answerable": False}, {**QUESTIONS[1], "expected_sources": ["hours.txt"]}]
    done = run_eval(rows, "--metrics", OWN, code=0)
    assert "answered, expected abstained" in done.stdout
    assert "cites guides/passwords.md, expected hours.txt" in done.stdout


def test_a_source_that_is_not_in_the_index_is_pointed_out(run_eval: RunEval) -> None:
    rows = [{**QUESTIONS[0], "expected_sources": ["billing.htm"]}, QUESTIONS[2]]
    done = run_eval(rows, "--metrics", OWN, code=0)
    assert "Note: The index holds no 'billing.htm', which line 1 expects." in done.stderr
    assert "internal.md" not in done.stderr


def test_a_limit_and_a_named_data_set_are_taken(run_eval: RunEval, tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text(json.dumps(QUESTIONS[3]) + "\n" + json.dumps(QUESTIONS[4]) + "\n")
    report = strict(
        run_eval(None, "mine.jsonl", "--limit", "1", "--json", "--metrics", "outcome_accuracy", code=0).stdout
    )
    assert (report["data"]["path"], report["questions"]["played"]) == ("mine.jsonl", 1)
    assert report["figures"]["outcome_accuracy"]["value"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--metrics", "hit@1,hits@5"], "--metrics: there is no metric 'hits@5'. Did you mean 'hit@5'?"),
        (["--metrics", " , "], "--metrics: no metric is named. There are: retrieval,"),
        (["--metrics", "faithfulness"], "--metrics: faithfulness needs a judge. Set eval.judge"),
        (["gone.jsonl"], "The input gone.jsonl cannot be read"),
        (["--output", "no/such/folder/run.json"], "The output no/such/folder/run.json cannot be written"),
        (["--limit", "0"], "Invalid value for '--limit'"),
    ],
)
def test_what_is_wrong_with_the_call_is_said_before_anything_is_asked(
    run_eval: RunEval, arguments: list[str], said: str
) -> None:
    done = run_eval(QUESTIONS, *arguments, code=2)
    assert said in done.stderr
    assert not done.stdout


def test_settings_choose_metrics_and_a_wrong_name_is_told_where_it_stands(run_eval: RunEval) -> None:
    report = strict(run_eval(QUESTIONS[:1], "--json", code=0, RAGBOT_EVAL__METRICS='["refused"]').stdout)
    assert report["metrics"] == ["refused"]
    done = run_eval(QUESTIONS[:1], code=2, RAGBOT_EVAL__METRICS='["refusal"]')
    assert "eval.metrics: there is no metric 'refusal'. Did you mean 'refused'?" in done.stderr


def test_without_questions_the_way_to_the_sample_is_shown(run_eval: RunEval) -> None:
    done = run_eval(None, code=2)
    assert "There is no questions.jsonl in this folder." in done.stderr
    assert "ragbot init --sample" in done.stderr


def test_without_an_index_nothing_is_played(run_eval: RunEval, tmp_path: Path) -> None:
    done = run_eval(QUESTIONS, "--data-dir", "none", "--metrics", OWN, "--output", "run.json", code=2)
    assert "ragbot ingest" in done.stderr
    assert not (tmp_path / "run.json").exists()


def test_the_shipped_questions_are_a_good_data_set() -> None:
    data = load_questions(shipped("sample", "questions.jsonl"))
    assert len(data.questions) >= 60
    assert all(each.expected_outcome for each in data.questions)
    assert all(each.expected_sources for each in data.questions if each.expected_outcome == "answered")


def test_where_the_model_is_down_for_every_question_the_run_is_kept_and_the_exit_code_says_so(
    run_eval: RunEval, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        model = {"RAGBOT_LLM__MODEL": "openai:test", "RAGBOT_LLM__BASE_URL": nobody, "RAGBOT_LLM__RETRIES": "0"}
        done = run_eval(QUESTIONS[:3], "--output", "run.json", "--metrics", OWN, code=4, OPENAI_API_KEY="key", **model)
    report = strict((tmp_path / "run.json").read_text())
    fits("eval-run", report)
    assert report["questions"]["outcomes"] == {"failed": 3}
    assert {row["error"]["code"] for row in report["rows"]} == {"model_unavailable"}
    assert report["figures"]["hit@1"]["value"] is None
    assert report["latency"] == {"first_token": None, "total": None}
    assert "3 of 3 questions failed" in done.stderr


def test_a_missing_package_is_told_before_anything_is_played_and_is_not_needed_for_the_rest(
    run_eval: RunEval, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ragas", None)
    done = run_eval(QUESTIONS, code=4)
    assert "pip install 'ragbot[eval]'" in done.stderr
    assert not done.stdout
    run_eval(QUESTIONS, "--metrics", "retrieval,outcomes,citations", code=0)
