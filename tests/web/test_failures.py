"""What goes wrong on the way is said, and no question is lost."""

import json

import pytest
from playwright.async_api import Browser, expect

from tests.web.kit import Window, opened
from tests.web.stand_in import Cut, Gate, Raw, Refusal, StandIn, citation, end

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal(401, "unauthorized", "This service needs its key."), "Reload the page and sign in."),
        (Refusal(409, "conflict", "Another answer is being written.", "Wait for it."), "Wait for it."),
        (Refusal(503, "empty_index", "Nothing has been ingested yet.", "Run ragbot ingest."), "Run ragbot ingest."),
        (Refusal(404, "not_found", "There is no conversation x."), "There is no conversation x."),
        (Refusal(502, body=b"<html>Bad gateway</html>"), "The service answered with status 502."),
        (Refusal(422, body=b'{"error": null}'), "The service answered with status 422."),
    ],
)
async def test_a_refused_question_goes_back_into_the_field(
    window: Window, stand_in: StandIn, refusal: Refusal, words: str
) -> None:
    window.allow(refusal.status)
    stand_in.scripts["How?"] = refusal
    await window.ask("How?")
    await expect(window.page.get_by_role("alert")).to_contain_text(words)
    await expect(window.field).to_have_value("How?")
    await expect(window.turns).to_have_count(0)
    del stand_in.scripts["How?"]
    await window.page.get_by_label("Send", exact=True).click()
    await window.ends()
    await expect(window.page.get_by_role("alert")).to_have_text("")


async def test_a_service_out_of_reach_is_said_and_the_question_kept(window: Window) -> None:
    window.allow("net::ERR_FAILED")
    await window.page.route("**/api/v1/chat/stream", lambda route: route.abort())
    await window.ask("How?")
    await expect(window.page.get_by_role("alert")).to_contain_text("The service cannot be reached.")
    await expect(window.field).to_have_value("How?")


async def test_what_was_typed_meanwhile_is_kept_too(window: Window, stand_in: StandIn) -> None:
    window.allow("net::ERR_FAILED")
    gate = Gate()

    async def later(route: object) -> None:
        await gate.opened()
        await route.abort()  # type: ignore[attr-defined]

    await window.page.route("**/api/v1/chat/stream", later)
    await window.ask("How?")
    await window.field.fill("And then?")
    gate.set()
    await expect(window.field).to_have_value("How?\n\nAnd then?")


@pytest.mark.parametrize(
    "broken",
    [
        Cut(),
        Raw(b""),
        Raw(b'event: delta\ndata: {"text": "half'),
        Raw(b"event: delta\ndata: no json\n\n"),
    ],
    ids=["cut", "ended", "within an event", "nonsense"],
)
async def test_a_stream_without_an_end_is_no_answer(window: Window, stand_in: StandIn, broken: Cut | Raw) -> None:
    window.allow("net::ERR_INCOMPLETE_CHUNKED_ENCODING")
    gate = Gate()  # a browser drops what it has not handed over yet when a connection breaks
    stand_in.scripts["How?"] = [("delta", {"text": "So far. [1]"}), ("citation", citation(1)), gate, broken]
    await window.ask("How?")
    await expect(window.text.locator(".chip")).to_have_text("1")
    gate.set()
    await window.ends("failed")
    await expect(window.answer.locator(".notice")).to_contain_text("The connection broke off")
    await expect(window.text.locator(".chip")).to_have_text("1")
    del stand_in.scripts["How?"]
    await window.answer.get_by_role("button", name="Ask again").click()
    await window.ends()


async def test_a_draft_survives_a_reload(window: Window) -> None:
    await window.field.fill("Half a ques")
    await window.page.reload()
    await expect(window.field).to_have_value("Half a ques")
    await window.answered("Half a question")
    await window.page.reload()
    await expect(window.field).to_have_value("")


async def test_an_unknown_conversation_is_said_and_left_by_one_click(window: Window) -> None:
    window.allow(404)
    await window.go("/#/c/nowhere")
    alert = window.page.get_by_role("alert")
    await expect(alert).to_contain_text("There is no such thing.")
    await alert.get_by_role("button", name="New conversation").click()
    await expect(alert).to_have_text("")
    await window.answered("How?")


@pytest.mark.parametrize("address", ["/#/c/%E0%A4%A", "/#/c/../../x", "/#nonsense", "/#/c/"])
async def test_an_odd_address_shows_an_empty_conversation(window: Window, address: str) -> None:
    await window.go(address)
    await expect(window.page.locator("#welcome-title")).to_be_visible()
    await window.answered("How?")


async def test_an_answer_another_tab_waits_for_appears_when_it_is_there(window: Window, stand_in: StandIn) -> None:
    message = stand_in.store("conv-1", "How?", {"outcome": None, "answer": "", "citations": []})
    await window.go("/#/c/conv-1")
    await expect(window.answer).to_contain_text("still being written")
    body = json.loads(json.dumps(end("Done.")[1]))  # type: ignore[index]
    message |= {name: body[name] for name in ("outcome", "answer", "answer_html", "citations")}
    await window.ends()
    await expect(window.text).to_have_text("Done.")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"status": "starting", "reason": "The models are being loaded."}, "still starting"),
        ({"status": "unavailable", "reason": "Nothing has been ingested yet."}, "Nothing has been ingested yet."),
    ],
)
async def test_a_service_that_is_not_ready_says_so_until_it_is(
    browser: Browser, stand_in: StandIn, state: dict[str, str], words: str
) -> None:
    stand_in.ready = state
    async with opened(browser, stand_in.url) as window:
        window.allow(503)
        await window.go()
        banner = window.page.locator("#banner")
        await expect(banner).to_contain_text(words)
        await expect(banner).to_contain_text(state["reason"])
        await window.answered("How?")  # asking is not held back
        stand_in.ready = {"status": "ready"}
        await expect(banner).to_be_hidden()
