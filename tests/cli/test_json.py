"""What every command prints with ``--json`` is what ``config/schemas`` promises."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.cli.kit import REPOSITORY, KnowledgeBase, RagbotCommand

SCHEMAS = {
    path.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((REPOSITORY / "config" / "schemas").glob("*.schema.json"))
}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
)

CONTRACT = {
    "ingest": "added updated skipped deleted failed ignored chunks bytes seconds failures ignored_files",
    "ingest/failures": "source code reason permanent page remedy",
    "ingest/ignored_files": "source reason",
    "list": "source title sha256 state reason revision chunks bytes updated",
    "search": "hits",
    "search/hits": "rank source page chunk_id score heading_path text",
    "search-row": "id query hits",
    "ask": "outcome answer citations answerability reason prompt usage timings",
    "ask/citations": "n source document_id revision title uri page_start page_end heading_path quote char_start "
    "char_end answer_start answer_end score support",
}
"""The fields DESIGN promises."""


def fits(name: str, value: Any) -> None:
    schema = SCHEMAS[f"{name}.schema.json"]
    validator = Draft202012Validator(schema, registry=REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER)
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    assert not errors, errors


def has(name: str, value: dict[str, Any]) -> None:
    missing = set(CONTRACT[name].split()) - set(value)
    assert not missing, f"{name}: {missing}"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one_and_describes_every_field(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == name
    assert schema["title"]
    assert schema["description"]
    for key, each in schema.get("properties", {}).items():
        assert "description" in each or "$ref" in each, key


def test_ingest_reports_what_it_did(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "good.md").write_text("# Good\n\nSome words.\n")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    report = ragbot_command("ingest", "docs", "--json", code=3).json()
    fits("ingest", report)
    has("ingest", report)
    has("ingest/failures", report["failures"][0])
    has("ingest/ignored_files", report["ignored_files"][0])
    assert (report["added"], report["failed"], report["ignored"]) == (1, 1, 1)
    listed = ragbot_command("list", "--json", code=0).json()
    fits("list", listed)
    assert {row["source"]: row["state"] for row in listed} == {"good.md": "indexed", "broken.pdf": "failed"}
    status = ragbot_command("status", "--json", code=0).json()
    fits("status", status)
    assert [failure["source"] for failure in status["failures"]] == ["broken.pdf"]
    assert "broken.pdf" in ragbot_command("status", "--failed", code=0).stdout


def test_list_and_show_give_documents_and_their_passages(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase
) -> None:
    base = ["--data-dir", str(knowledge_base.data_dir)]
    fits("ingest", knowledge_base.report)
    listed = ragbot_command(*base, "list", "--json", code=0).json()
    fits("list", listed)
    for row in listed:
        has("list", row)
    shown = ragbot_command(*base, "show", "handbook.pdf", "--json", code=0).json()
    fits("show", shown)
    assert {key: shown[key] for key in listed[0]} in listed
    for chunk in shown["chunks_stored"]:
        assert shown["text"][chunk["char_start"] : chunk["char_end"]] == chunk["text"]
    assert {chunk["page_start"] for chunk in shown["chunks_stored"]} <= {1, 2}


def test_search_gives_hits_alone_and_in_batches(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    base = ["--data-dir", str(knowledge_base.data_dir), "search"]
    found = ragbot_command(*base, "How many suitcases?", "--json", "--limit", "3", code=0).json()
    fits("search", found)
    has("search", found)
    has("search/hits", found["hits"][0])
    assert found["hits"][0]["source"] == "handbook.pdf"
    assert len(found["hits"]) == 3
    questions = [
        {"id": "one", "question": "When are invoices sent?", "more": "is left alone"},
        {"id": 2, "question": "and it expires when?", "conversation": [{"role": "user", "content": "Reset password"}]},
        {"id": "three", "question": "night engineer extension", "principals": ["staff"]},
        {"id": "four", "question": "night engineer extension", "conversation": None, "principals": None},
    ]
    for question in questions:
        fits("question-row", question)
    asked = tmp_path / "questions.jsonl"
    asked.write_text("\ufeff" + "\n\n".join(json.dumps(question) for question in questions), encoding="utf-8")
    done = ragbot_command(*base, "--input", asked, "--output", "hits.jsonl", code=0)
    assert not done.stdout
    found_rows = rows(tmp_path / "hits.jsonl")
    for row in found_rows:
        fits("search-row", row)
        has("search-row", row)
    assert [row["id"] for row in found_rows] == ["one", "2", "three", "four"]
    best = [row["hits"][0]["source"] for row in found_rows]
    assert best[:3] == ["billing.html", "guides/passwords.md", "internal.md"]
    assert "Reset password" in found_rows[1]["query"]
    assert "internal.md" not in {hit["source"] for hit in found_rows[3]["hits"]}


def test_ask_answers_or_abstains_alone_and_in_batches(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    base = ["--data-dir", str(knowledge_base.data_dir), "ask"]
    question = "When are invoices sent?"
    answer = ragbot_command(*base, question, "--json", code=0, RAGBOT_ANSWER__THRESHOLD="0").json()
    fits("ask", answer)
    has("ask", answer)
    assert answer["outcome"] == "answered"
    has("ask/citations", answer["citations"][0])
    assert answer["citations"][0]["source"] == "billing.html"
    (tmp_path / "questions.jsonl").write_text(json.dumps({"id": "a", "question": question}) + "\n")
    batch = ["--input", "questions.jsonl", "--output", "answers.jsonl"]
    ragbot_command(*base, *batch, code=0, RAGBOT_ANSWER__THRESHOLD="1")
    [row] = rows(tmp_path / "answers.jsonl")
    fits("ask-row", row)
    assert row["id"] == "a"
    assert row["outcome"] == "abstained"
    assert row["citations"] == []


def test_rm_and_doctor_say_what_they_did(ragbot_command: RagbotCommand, own_base: KnowledgeBase) -> None:
    base = ["--data-dir", str(own_base.data_dir)]
    gone = ragbot_command(*base, "rm", "hours.txt", "billing.html", "--json", code=0).json()
    fits("rm", gone)
    assert gone == {"deleted": 2, "sources": ["hours.txt", "billing.html"]}
    healthy = ragbot_command(*base, "doctor", "--json", code=0).json()
    fits("doctor", healthy)
    assert healthy == {"ok": True, "findings": [], "repaired": []}
    assert len(ragbot_command(*base, "list", "--json", code=0).json()) == 3


def test_commands_on_nothing_give_empty_results(ragbot_command: RagbotCommand, tmp_path: Path) -> None:
    assert ragbot_command("list", "--json", code=0).json() == []
    status = ragbot_command("status", "--json", code=0).json()
    fits("status", status)
    assert status["documents"] == 0
    assert not (tmp_path / ".ragbot").exists()
