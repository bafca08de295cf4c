"""The sample knowledge base can be ingested, and its questions say the truth about it."""

import difflib
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from evals.sample_pdfs import SHEETS, pdf
from ragbot.resources import shipped
from tests.cli.kit import REPOSITORY, Done, make_command
from tests.cli.test_json import fits

SAMPLE = shipped("sample")
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
ANSWERABLE = [row for row in ROWS if row["answerable"]]
FIELDS = {
    "id", "question", "conversation", "expected_sources", "reference_contexts", "reference_answer", "answerable",
    "outcome", "principals", "tags",
}  # fmt: skip
AT_LEAST = {
    "single": 28, "multi": 8, "follow-up": 12, "unanswerable": 12, "near-miss": 6, "off-topic": 6, "ambiguous": 4,
    "greeting": 6, "staff": 4, "table": 4, "superseded": 3, "regional": 4, "near-duplicate": 2, "error-code": 3,
    "pii": 3, "injection": 2,
}  # fmt: skip
STAFF = {"staff/escalation.md", "staff/goodwill-credits.md", "staff/identity-checks.md"}


@dataclass(frozen=True)
class Ingested:
    """What the index says of the sample: the report, the listing, and the stored text of each document."""

    report: dict[str, Any]
    labels: dict[str, list[str]]
    texts: dict[str, str]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, cache_home: Path) -> Ingested:
    run = make_command(tmp_path_factory.mktemp("sample"), cache_home)

    def ragbot(*arguments: str) -> Done:
        return run("--data-dir", "index", *arguments, code=0)

    report = ragbot("ingest", str(SAMPLE / "docs"), "--json").json()
    labels = {row["source"]: row["labels"] for row in ragbot("list", "--json").json()}
    return Ingested(report, labels, {source: _text(run.folder / "index", source) for source in labels})


def _text(data_dir: Path, source: str) -> str:
    """What ``ragbot show`` prints, without a process for each document."""
    from ragbot.index.layout import DataDir
    from ragbot.index.opening import open_catalog

    with open_catalog(DataDir(data_dir)) as catalog:
        assert catalog is not None
        return catalog.text(catalog.document(source))


def test_every_document_is_ingested(sample: Ingested) -> None:
    files = {path.relative_to(SAMPLE / "docs").as_posix() for path in (SAMPLE / "docs").rglob("*") if path.is_file()}
    assert (sample.report["added"], sample.report["failed"], sample.report["ignored"]) == (len(files), 0, 0)
    assert set(sample.texts) == files


def test_documents_are_of_every_format_and_have_substance(sample: Ingested) -> None:
    formats = Counter(Path(source).suffix for source in sample.texts)
    assert 26 <= formats.total() <= 30
    assert formats[".md"] > formats.total() / 2
    assert formats[".html"] >= 4
    assert formats[".txt"] >= 3
    assert formats[".pdf"] == 3
    lengths = {source: len(text.split()) for source, text in sample.texts.items()}
    assert {source: words for source, words in lengths.items() if not 150 <= words <= 700} == {}


def test_pages_lost_their_navigation_but_not_their_tables(sample: Ingested) -> None:
    for source, text in sample.texts.items():
        if source.endswith(".html"):
            assert "Was this article helpful" not in text
            assert "Imprint" not in text
            assert text.startswith("# ")
    assert "| blinking orange | no internet connection |" in sample.texts["devices/hub-offline.html"]
    assert sum("| --- |" in text for text in sample.texts.values()) >= 4


def test_only_the_staff_documents_are_restricted(sample: Ingested) -> None:
    assert {source for source, labels in sample.labels.items() if labels == ["staff"]} == STAFF
    assert {tuple(labels) for source, labels in sample.labels.items() if source not in STAFF} == {("public",)}


def test_rows_are_complete_and_their_ids_unique() -> None:
    assert len(ROWS) >= 60
    assert [name for name, count in Counter(row["id"] for row in ROWS).items() if count > 1] == []
    for row in ROWS:
        fits("question-row", row)
        assert set(row) <= FIELDS
        assert row["tags"], row["id"]
        assert row["outcome"] in (("answered", "clarify") if row["answerable"] else ("abstained", "smalltalk")), row[
            "id"
        ]
        roles = [turn["role"] for turn in row.get("conversation", [])]
        assert roles == ["user", "assistant"] * (len(roles) // 2), row["id"]


@pytest.mark.parametrize("tag", AT_LEAST)
def test_every_kind_of_question_is_there(tag: str) -> None:
    assert sum(tag in row["tags"] for row in ROWS) >= AT_LEAST[tag]


def test_tags_agree_with_the_rows() -> None:
    for row in ROWS:
        tags = set(row["tags"])
        assert tags <= set(AT_LEAST), row["id"]
        assert ("ambiguous" in tags) == (row["outcome"] == "clarify"), row["id"]
        assert ("greeting" in tags) == (row["outcome"] == "smalltalk"), row["id"]
        assert ("unanswerable" in tags) == (row["outcome"] == "abstained"), row["id"]
        assert "follow-up" not in tags or row["conversation"], row["id"]
        assert "multi" not in tags or len(row["expected_sources"]) > 1, row["id"]


def test_every_expected_source_exists_and_may_be_read_by_who_asks(sample: Ingested) -> None:
    for row in ROWS:
        allowed = {"public", *row.get("principals", [])}
        for source in row.get("expected_sources", []):
            assert allowed & set(sample.labels[source]), (row["id"], source)


def test_every_reference_context_stands_in_an_expected_source(sample: Ingested) -> None:
    for row in ANSWERABLE:
        texts = [sample.texts[source] for source in row["expected_sources"]]
        assert row["reference_answer"], row["id"]
        assert row.get("reference_contexts") or row["outcome"] == "clarify", row["id"]
        for context in row.get("reference_contexts", []):
            assert any(context in text for text in texts), (row["id"], context)
    for row in ROWS:
        if not row["answerable"]:
            assert not {"expected_sources", "reference_contexts", "reference_answer"} & set(row), row["id"]


def test_no_question_is_copied_from_a_document(sample: Ingested) -> None:
    texts = [" ".join(text.casefold().split()) for text in sample.texts.values()]
    asked = {row["question"].casefold() for row in ROWS if "greeting" not in row["tags"]}
    assert [question for question in asked if any(question in text for text in texts)] == []


def test_staff_questions_are_answerable_only_with_the_principal() -> None:
    staff = {row["question"]: row for row in ROWS if row.get("principals")}
    others = {row["question"] for row in ROWS if row["question"] in staff and not row.get("principals")}
    assert len(staff) >= 2
    assert others == set(staff)
    assert all(row["answerable"] == bool(row.get("principals")) for row in ROWS if row["question"] in staff)


def test_two_pages_are_all_but_the_same(sample: Ingested) -> None:
    a, b = (sample.texts[f"devices/battery-replacement-{region}.md"].split() for region in ("us", "uk"))
    assert 0.85 < difflib.SequenceMatcher(None, a, b).ratio() < 1


def test_the_old_policy_is_superseded_and_contradicts_the_current_one(sample: Ingested) -> None:
    old, current = sample.texts["orders/returns-policy-2022.txt"], sample.texts["orders/returns.md"]
    assert "SUPERSEDED" in old
    assert "within 14 days of delivery" in old
    assert "June 1, 2022" in old
    assert "within 30 days of delivery" in current
    assert "In force since March 1, 2025" in current


def test_europe_and_america_contradict_each_other(sample: Ingested) -> None:
    assert "limited warranty of one year" in sample.texts["orders/warranty-us.html"]
    assert "legal guarantee lasts two years" in sample.texts["orders/warranty-eu.html"]


def test_personal_data_stand_beside_published_contacts(sample: Ingested) -> None:
    text = sample.texts["company/customer-stories.md"]
    (card,) = re.findall(r"\b4[\d ]{18}\b", text)
    (iban,) = re.findall(r"\bDE\d{2}[\d ]{23}\b", text)
    digits = [int(digit) for digit in card.replace(" ", "")]
    assert sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)) % 10 == 0
    moved = iban.replace(" ", "")[4:] + iban[:4]
    assert int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1
    assert "marta.ilvesson@example.com" in text
    assert "press@velmarsh.example" in text
    assert "+1 614-555-0117" in text


def test_one_page_carries_an_instruction_to_machines(sample: Ingested) -> None:
    planted = [source for source, text in sample.texts.items() if "AI assistants reading this page must" in text]
    assert planted == ["community/better-range.md"]


def test_every_address_is_one_that_belongs_to_nobody(sample: Ingested) -> None:
    text = "\n".join(sample.texts.values())
    domains = {*re.findall(r"[\w.+-]+@([\w.-]+\w)", text), *re.findall(r"https?://([\w.-]+\w)", text)}
    assert [name for name in domains if not re.search(r"(?:^|\.)(?:example|example\.(?:com|org|net))$", name)] == []


@pytest.mark.parametrize("name", SHEETS)
def test_the_committed_pdfs_are_what_the_script_writes(name: str) -> None:
    committed, made = (SAMPLE / "docs" / name).read_bytes(), pdf(SHEETS[name])
    assert words(committed) == words(made)
    locked = f"reportlab=={version('reportlab')}" in (REPOSITORY / "requirements.lock").read_text().splitlines()
    assert committed == made or not locked, "run: python -m evals.sample_pdfs"


def words(content: bytes) -> list[str]:
    return [word for page in PdfReader(io.BytesIO(content)).pages for word in page.extract_text().split()]
