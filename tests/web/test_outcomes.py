"""Each way an answer can end looks like what it is."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.web.kit import Window
from tests.web.stand_in import PASSAGE, StandIn, citation, end, hit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_abstention_says_why_and_shows_what_came_nearest(window: Window, stand_in: StandIn) -> None:
    hits = [hit(1), hit(2, document_id="doc-1"), hit(3, title="Billing", page=None, heading_path=[])]
    why = "No retrieved passage speaks of 'octopus'."
    stand_in.scripts["Octopus?"] = [
        ("retrieved", {"query": "", "notes": [], "hits": hits}),
        ("delta", {"text": "I don't know."}),
        end("I don't know.", outcome="abstained", reason=why, query="Octopus?"),
    ]
    await window.answered("Octopus?", "abstained")
    await expect(window.answer.locator(".outcome")).to_have_text("Not found in the documents")
    await expect(window.text).to_have_text("I don't know.")
    await expect(window.answer.locator(".remarks")).to_have_text(why)
    rows = window.answer.get_by_label("Nearest passages").locator("li")
    await expect(rows).to_have_text(["Passwordspage 3 · Rules", "Billing"])


async def test_a_nearest_passage_opens_where_its_place_is_known(window: Window, stand_in: StandIn) -> None:
    known = hit(1, revision=1, char_start=60, char_end=100)
    stand_in.scripts["Octopus?"] = [
        ("retrieved", {"query": "", "notes": [], "hits": [known]}),
        end("I don't know.", outcome="abstained"),
    ]
    stand_in.passages["doc-1"] = PASSAGE
    await window.answered("Octopus?", "abstained")
    row = window.answer.get_by_label("Nearest passages").get_by_role("button")
    await row.click()
    await expect(window.panel.locator("mark")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(row).to_be_focused()


async def test_smalltalk_is_only_said(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["Hello!"] = [
        ("delta", {"text": "Hello."}),
        end("Hello.", outcome="smalltalk", reason="Nothing was asked.", query="Hello!"),
    ]
    await window.answered("Hello!", "smalltalk")
    await expect(window.text).to_have_text("Hello.")
    await expect(window.answer.locator(".outcome, .remarks, .sources, .thumbs")).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "outcome", "said"),
    [
        ("And then?", "answered", []),
        ("Reset a password: and then?", "answered", ["Searched for: Reset a password: and then?"]),
        ("And then? / How?", "answered", []),
        ("And then?", "abstained", []),
        ("And then? / How?", "abstained", ["Your earlier questions were taken into account."]),
    ],
)
async def test_how_a_follow_up_was_understood_is_said_where_it_matters(
    window: Window, stand_in: StandIn, query: str, outcome: str, said: list[str]
) -> None:
    stand_in.scripts["And\nthen?"] = [end("Words.", outcome=outcome, reason="", query=query)]
    await window.answered("And\nthen?", outcome)
    await expect(window.answer.locator(".remarks p")).to_contain_text(said)


async def test_what_was_degraded_is_said(window: Window, stand_in: StandIn) -> None:
    notes = ["The embedding model is still loading: found by keywords only."]
    stand_in.scripts["And then?"] = [end("Wait. [1]", [citation(1)], notes=notes)]
    await window.answered("And then?")
    await expect(window.answer.locator(".remarks p")).to_have_text(notes)


@pytest.mark.parametrize(
    ("outcome", "title"),
    [
        ("blocked", "Not answered"),
        ("clarify", "A question back"),
        ("handoff", "Passed on to a person"),
        ("constructor", None),
        ("something new", None),
    ],
)
async def test_outcomes_of_later_versions_do_not_break_the_page(
    window: Window, stand_in: StandIn, outcome: str, title: str | None
) -> None:
    more: dict[str, Any] = {"outcome": outcome, "reason": "Because.", "citations": None}
    body = {name: value for name, value in (end("Words.")[1] | more).items() if value is not None}  # type: ignore[index]
    stand_in.scripts["How?"] = [("completed", body)]
    await window.answered("How?", outcome)
    await expect(window.text).to_have_text("Words.")
    await expect(window.answer.locator(".outcome")).to_have_text([title] if title else [])


async def test_a_failure_shows_message_remedy_and_a_way_to_ask_again(window: Window, stand_in: StandIn) -> None:
    error = {
        "code": "model_timeout",
        "message": "The model openai:x took too long.",
        "remedy": "Try again.",
        "retryable": True,
    }
    stand_in.scripts["How?"] = [("delta", {"text": "So far"}), ("failed", {"error": error})]
    await window.answered("How?", "failed")
    await expect(window.text).to_have_text("So far")
    notice = window.answer.locator(".notice")
    await expect(notice).to_contain_text("The model openai:x took too long. Try again.")
    del stand_in.scripts["How?"]
    await notice.get_by_role("button", name="Ask again").click()
    await window.ends()
    assert [each["question"] for each in stand_in.asked] == ["How?", "How?"]
    await expect(window.turns).to_have_count(2)
    await expect(window.answer.locator(".thumbs")).to_be_visible()


async def test_stored_turns_look_as_they_did(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["Octopus?"] = [end("I don't know.", outcome="abstained", reason="Nothing speaks of it.")]
    await window.answered("How?")
    await window.answered("Octopus?", "abstained")
    for code in ("model_timeout", "cancelled", "interrupted"):
        error = {"code": code, "message": "The model took too long."}
        body = {"outcome": "failed", "answer": "So far [1]", "citations": [citation(1)]}
        stand_in.store("conv-1", f"Broken: {code}", body, error=error)
    await window.page.reload()
    answers = window.page.locator(".answer")
    await expect(answers).to_have_count(5)
    await expect(answers.nth(0).locator(".text .chip")).to_have_text("1")
    await expect(answers.nth(0).locator(".thumbs")).to_be_visible()
    await expect(answers.nth(1).locator(".outcome")).to_have_text("Not found in the documents")
    await expect(answers.nth(1).locator(".remarks")).to_have_text("Nothing speaks of it.")
    await expect(answers.nth(2).locator(".notice")).to_contain_text("The model took too long.")
    await expect(answers.nth(2).locator(".text .chip")).to_have_text("1")
    await expect(answers.nth(3).locator(".notice")).to_contain_text("stopped before it was complete")
    await expect(answers.nth(4).locator(".notice")).to_contain_text("restarted")
