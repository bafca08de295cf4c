"""A citation opens the quoted passage in its document, or says why it cannot."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.web.kit import PHONE, Window, opened
from tests.web.stand_in import PASSAGE, Gate, Refusal, StandIn, answer, citation, end

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUOTE = "Reset your password on the account page."


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, stand_in: StandIn) -> AsyncIterator[Window]:
    async with opened(browser, stand_in.url, viewport=PHONE, has_touch=True) as window:
        await window.go()
        yield window


async def test_the_quote_is_marked_in_the_text_around_it(window: Window) -> None:
    await window.answered("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator("mark")).to_have_text(QUOTE)
    await expect(window.panel.locator(".excerpt")).to_contain_text("Every account has one password.")
    await expect(window.panel.locator(".excerpt")).to_contain_text("The link in the message works for 30 minutes.")
    await expect(window.panel.locator("h2")).to_have_text("Passwords")
    await expect(window.panel).to_contain_text("page 3 · Reset a password")
    await expect(window.panel).to_contain_text("guides/passwords.md")
    await expect(window.panel.locator("h2")).to_be_focused()
    await expect(window.panel).to_have_role("dialog")
    await expect(window.field).to_be_in_viewport()  # beside the conversation, which stays in reach


async def test_headings_and_bold_words_are_set_off_and_nothing_else_is_interpreted(
    window: Window, stand_in: StandIn
) -> None:
    more = {
        "before": "# Rules\n\n2**3**4 and ** not **\n",
        "quote": "Choose **Forgot?** now.",
        "after": " #1 *x*\n## Next",
    }
    stand_in.passages["doc-1"] = PASSAGE | more
    await window.answered("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator("mark")).to_have_text("Choose Forgot? now.")
    await expect(window.panel.locator("strong")).to_have_text(["Rules", "Forgot?", "Next"])
    await expect(window.panel.locator(".excerpt")).to_contain_text("2**3**4 and ** not **")


@pytest.mark.parametrize("how", ["button", "Escape"])
async def test_closing_gives_the_focus_back(window: Window, how: str) -> None:
    await window.answered("How?")
    chip = window.text.locator(".chip")
    await chip.focus()
    await window.page.keyboard.press("Enter")
    await expect(window.panel.locator("mark")).to_be_visible()
    if how == "button":
        await window.page.get_by_label("Close the passage").click()
    else:
        await window.page.keyboard.press("Escape")
    await expect(window.panel).to_be_hidden()
    await expect(chip).to_be_focused()


async def test_on_a_phone_it_is_a_sheet_that_closes_by_a_tap_beside_it(phone: Window) -> None:
    await phone.answered("How?")
    await phone.text.locator(".chip").tap()
    await expect(phone.panel.locator("mark")).to_have_text(QUOTE)
    box = await phone.panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, PHONE["width"], PHONE["height"])
    assert await phone.overflow() == 0
    await phone.page.touchscreen.tap(100, 20)
    await expect(phone.panel).to_be_hidden()
    await expect(phone.text.locator(".chip")).to_be_focused()


async def test_a_sheet_keeps_the_keyboard_inside_and_escape_closes_it(phone: Window) -> None:
    await phone.answered("How?")
    await phone.text.locator(".chip").tap()
    await expect(phone.panel.locator("mark")).to_be_visible()
    for _ in range(4):
        await phone.page.keyboard.press("Tab")
        inside = await phone.page.evaluate("document.querySelector('#passage, body').contains(document.activeElement)")
        assert inside
    await phone.page.keyboard.press("Escape")
    await expect(phone.panel).to_be_hidden()
    await expect(phone.text.locator(".chip")).to_be_focused()


async def test_it_follows_the_window_when_that_changes_its_size(window: Window) -> None:
    await window.answered("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator("mark")).to_be_visible()
    await window.page.set_viewport_size(PHONE)
    await expect(window.panel).to_be_visible()
    assert await window.panel.evaluate("e => e.matches(':modal')")
    await window.page.set_viewport_size({"width": 1280, "height": 800})
    await expect(window.panel.locator("mark")).to_be_visible()
    assert not await window.panel.evaluate("e => e.matches(':modal')")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal(410, "changed", "It has another revision."), "has been changed since this answer was written"),
        (Refusal(404, "not_found", "There is no such document."), "no longer in the knowledge base"),
        (Refusal(500, "error", "Something broke."), "Something broke."),
        (Refusal(502, body=b"<html>Bad gateway</html>"), "status 502"),
    ],
)
async def test_without_the_document_the_stored_quote_is_shown(
    window: Window, stand_in: StandIn, refusal: Refusal, words: str
) -> None:
    window.allow(refusal.status)
    stand_in.passages["doc-1"] = refusal
    await window.answered("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator(".notice")).to_contain_text(words)
    await expect(window.panel.locator("blockquote mark")).to_have_text(QUOTE)


async def test_opening_can_be_tried_again(window: Window, stand_in: StandIn) -> None:
    window.allow(503)
    stand_in.passages["doc-1"] = Refusal(503, "unavailable", "Not now.")
    await window.answered("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator(".notice")).to_contain_text("Not now.")
    stand_in.passages["doc-1"] = PASSAGE
    await window.panel.get_by_text("Try again").click()
    await expect(window.panel.locator(".excerpt")).to_contain_text("Every account has one password.")


async def test_a_passage_opened_while_the_answer_is_written_still_gives_the_focus_back(
    window: Window, stand_in: StandIn
) -> None:
    gate = Gate()
    stand_in.scripts["How?"] = [
        ("delta", {"text": "Reset it. [1]"}),
        ("citation", citation(1)),
        gate,
        end("Reset it. [1]", [citation(1)]),
    ]
    await window.ask("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator("mark")).to_be_visible()
    gate.set()
    await window.ends()
    await window.page.keyboard.press("Escape")
    await expect(window.text.locator(".chip")).to_be_focused()


async def test_escape_closes_the_passage_first_and_stops_the_answer_second(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["How?"] = [("delta", {"text": "Reset it. [1]"}), ("citation", citation(1)), Gate()]
    await window.ask("How?")
    await window.text.locator(".chip").click()
    await expect(window.panel.locator("mark")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(window.panel).to_be_hidden()
    await expect(window.answer).to_have_attribute("aria-busy", "true")
    await window.page.keyboard.press("Escape")
    await window.ends("failed")


async def test_only_web_addresses_are_offered_as_links(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["How?"] = answer("One [1], two [2].", [citation(1), citation(2)])
    stand_in.passages["doc-1"] = PASSAGE | {"uri": "javascript://kb.example/%0aalert(1)"}
    stand_in.passages["doc-2"] = PASSAGE | {"uri": "https://kb.example/passwords"}
    await window.answered("How?")
    await window.text.locator(".chip").first.click()
    await expect(window.panel.locator("mark")).to_be_visible()
    await expect(window.panel.locator("a")).to_have_count(0)
    await window.text.locator(".chip").last.click()
    link = window.panel.get_by_text("Open the original")
    await expect(link).to_have_attribute("href", "https://kb.example/passwords")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(window.page.locator(".chip.current")).to_have_text("2")
