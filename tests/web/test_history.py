"""Stored conversations: listed, opened, deleted; the address says which one is shown."""

import pytest
from playwright.async_api import Browser, expect

from tests.web.kit import PHONE, Window, happens, opened
from tests.web.stand_in import Gate, Refusal, StandIn, result

pytestmark = pytest.mark.asyncio(loop_scope="session")


def fill(stand_in: StandIn, count: int) -> None:
    for n in range(1, count + 1):
        stand_in.store(f"conv-{n}", f"Question {n}", result(f"Answer {n}"))


async def test_a_reload_keeps_the_conversation(window: Window) -> None:
    await window.answered("How?")
    await window.page.reload()
    await expect(window.text).to_contain_text("Reset your password")
    await expect(window.page.locator(".history [aria-current=page]")).to_contain_text("How?")


async def test_opening_another_one_and_going_back(window: Window, stand_in: StandIn) -> None:
    fill(stand_in, 2)
    await window.page.reload()
    links = window.page.locator("#conversations a")
    await expect(links).to_have_count(2)
    await links.filter(has_text="Question 1").click()
    await expect(window.text).to_have_text("Answer 1")
    await links.filter(has_text="Question 2").click()
    await expect(window.text).to_have_text("Answer 2")
    await expect(window.page.locator("[aria-current=page]")).to_contain_text("Question 2")
    await window.page.go_back()
    await expect(window.text).to_have_text("Answer 1")


async def test_a_new_conversation_begins_empty(window: Window, stand_in: StandIn) -> None:
    await window.answered("How?")
    await window.page.get_by_role("button", name="New conversation").click()
    await expect(window.turns).to_have_count(0)
    await expect(window.page.locator("#welcome-title")).to_be_visible()
    await expect(window.field).to_be_focused()
    await window.answered("And this?")
    assert [each["conversation_id"] for each in stand_in.asked] == [None, None]
    await expect(window.page.locator("#conversations a")).to_have_count(2)


async def test_leaving_an_answer_stops_it_and_nothing_of_it_shows_elsewhere(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["How?"] = [("delta", {"text": "So far"}), Gate()]
    await window.ask("How?")
    await expect(window.text).to_have_text("So far")
    await window.page.get_by_role("button", name="New conversation").click()
    await expect(window.turns).to_have_count(0)
    await happens(lambda: stand_in.gone == 1)
    await expect(window.page.get_by_label("Send", exact=True)).to_be_visible()
    await window.answered("And this?")
    await expect(window.turns).to_have_count(1)
    await window.page.locator("#conversations a").filter(has_text="How?").click()
    await expect(window.answer).to_contain_text("stopped before it was complete")


async def test_deleting_asks_first(window: Window, stand_in: StandIn) -> None:
    fill(stand_in, 3)
    await window.go("/#/c/conv-2")
    await window.page.reload()
    delete = window.page.get_by_label("Delete the conversation “Question 2”")
    await delete.click()
    confirm = window.page.get_by_role("group", name="Delete this conversation for good?")
    await expect(confirm.get_by_role("button", name="Keep")).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(confirm).to_be_hidden()
    await expect(delete).to_be_focused()
    assert len(stand_in.conversations) == 3
    await delete.click()
    await confirm.get_by_role("button", name="Delete").click()
    titles = window.page.locator("#conversations .title")
    await expect(titles).to_have_text(["Question 3", "Question 1"])
    assert [*stand_in.conversations] == ["conv-1", "conv-3"]
    await expect(window.turns).to_have_count(0)  # it was the one that was shown
    assert not window.page.url.endswith("conv-2")


async def test_a_conversation_that_could_not_be_deleted_stays(window: Window, stand_in: StandIn) -> None:
    window.allow(503)
    fill(stand_in, 1)
    stand_in.refusals["delete"] = Refusal(503, "storage", "The disk is full.")
    await window.page.reload()
    await window.page.get_by_label("Delete the conversation").click()
    await window.page.get_by_role("button", name="Delete", exact=True).click()
    await expect(window.page.locator("#history-remark")).to_have_text("Not deleted: The disk is full.")
    await expect(window.page.locator("#conversations a")).to_have_count(1)


async def test_older_ones_are_fetched_on_demand(window: Window, stand_in: StandIn) -> None:
    fill(stand_in, 35)
    await window.page.reload()
    links = window.page.locator("#conversations a")
    await expect(links).to_have_count(30)
    await window.page.get_by_role("button", name="Show more").click()
    await expect(links).to_have_count(35)
    await expect(window.page.get_by_role("button", name="Show more")).to_be_hidden()
    await expect(links.nth(30)).to_be_focused()


async def test_a_list_that_cannot_be_loaded_says_so(browser: Browser, stand_in: StandIn) -> None:
    stand_in.refusals["list"] = Refusal(503, "storage", "The disk is failing.")
    async with opened(browser, stand_in.url) as window:
        window.allow(503)
        await window.go()
        await expect(window.page.locator("#history-remark")).to_contain_text("The disk is failing.")


async def test_on_a_phone_the_list_is_a_drawer(browser: Browser, stand_in: StandIn) -> None:
    fill(stand_in, 1)
    async with opened(browser, stand_in.url, viewport=PHONE, has_touch=True) as window:
        await window.go()
        link = window.page.locator("#conversations a")
        await expect(link).to_be_hidden()
        menu = window.page.get_by_role("button", name="Conversations")
        await menu.tap()
        await expect(link).to_be_visible()
        await window.page.keyboard.press("Escape")
        await expect(link).to_be_hidden()
        await expect(menu).to_be_focused()
        await menu.tap()
        await window.page.get_by_label("Delete the conversation").tap()
        await window.page.keyboard.press("Escape")  # answers the question, and leaves the list open
        await expect(window.page.locator(".confirm")).to_be_hidden()
        await link.tap()
        await expect(window.text).to_have_text("Answer 1")
        await expect(link).to_be_hidden()
        assert await window.overflow() == 0
