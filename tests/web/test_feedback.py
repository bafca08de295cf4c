"""Readers say what they think of an answer, and can change their minds."""

import pytest
from playwright.async_api import Locator, expect

from tests.web.kit import Window
from tests.web.stand_in import Refusal, StandIn

pytestmark = pytest.mark.asyncio(loop_scope="session")


def thumb(window: Window, helped: bool) -> Locator:
    return window.answer.get_by_label("This answer helped" if helped else "This answer did not help", exact=True)


async def test_a_thumb_is_stored_at_once_and_details_follow(window: Window, stand_in: StandIn) -> None:
    await window.answered("How?")
    await thumb(window, False).click()
    form = window.answer.get_by_role("form")
    await expect(form).to_be_visible()
    assert stand_in.feedback == [{"rating": -1, "tags": [], "comment": ""}]
    for name in ("Outdated", "Source does not match"):
        await form.get_by_label(name).check()
    await form.get_by_label("Comment").fill("The page has moved.")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await expect(window.answer.get_by_role("status")).to_contain_text("saved")
    assert stand_in.feedback[-1] == {
        "rating": -1,
        "tags": ["outdated", "source_mismatch"],
        "comment": "The page has moved.",
    }


async def test_stored_feedback_is_shown_after_a_reload_and_can_be_changed(window: Window, stand_in: StandIn) -> None:
    await window.answered("How?")
    stand_in.conversations["conv-1"][0]["feedback"] = {"rating": -1, "tags": ["wrong", "other"], "comment": "No."}
    await window.page.reload()
    await expect(thumb(window, False)).to_have_attribute("aria-pressed", "true")
    await expect(thumb(window, True)).to_have_attribute("aria-pressed", "false")
    await thumb(window, False).click()
    form = window.answer.get_by_role("form")
    await expect(form.get_by_label("Wrong")).to_be_checked()
    await expect(form.get_by_label("other")).to_be_checked()  # another program's
    await expect(form.get_by_label("Comment")).to_have_value("No.")
    assert stand_in.feedback == []
    await thumb(window, True).click()
    await expect(thumb(window, True)).to_have_attribute("aria-pressed", "true")
    await expect(thumb(window, False)).to_have_attribute("aria-pressed", "false")
    assert stand_in.feedback == [{"rating": 1, "tags": [], "comment": "No."}]


async def test_escape_closes_the_details_and_nothing_else(window: Window) -> None:
    await window.answered("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator("mark")).to_be_visible()
    await thumb(window, False).click()
    await expect(window.answer.get_by_role("form")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(window.answer.get_by_role("form")).to_be_hidden()
    await expect(thumb(window, False)).to_be_focused()
    await expect(window.panel).to_be_visible()


async def test_feedback_that_could_not_be_stored_is_not_shown_as_stored(window: Window, stand_in: StandIn) -> None:
    window.allow(503)
    await window.answered("How?")
    stand_in.refusals["feedback"] = Refusal(503, "storage", "The disk is full.")
    await thumb(window, True).click()
    await expect(window.answer.get_by_role("status")).to_have_text("Not saved: The disk is full.")
    await expect(thumb(window, True)).to_have_attribute("aria-pressed", "false")
    await expect(thumb(window, True)).to_be_focused()
    del stand_in.refusals["feedback"]
    await thumb(window, True).click()
    await expect(thumb(window, True)).to_have_attribute("aria-pressed", "true")


async def test_a_comment_stays_in_the_form_when_it_could_not_be_stored(window: Window, stand_in: StandIn) -> None:
    window.allow(503)
    await window.answered("How?")
    await thumb(window, True).click()
    form = window.answer.get_by_role("form")
    await form.get_by_label("Comment").fill("Good.")
    stand_in.refusals["feedback"] = Refusal(503, "storage", "The disk is full.")
    await form.get_by_role("button", name="Save").click()
    await expect(window.answer.get_by_role("status")).to_contain_text("Not saved")
    await expect(form.get_by_label("Comment")).to_have_value("Good.")
