"""Asking: what is sent, and how the answer comes."""

import pytest
from playwright.async_api import expect

from tests.web.kit import Window, happens
from tests.web.stand_in import Gate, Refusal, StandIn, answer, citation, end, hit

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "Reset it on the account page. [1] The link works for 30 minutes. [2]"
BOTH = [citation(1), citation(2, heading_path=["Passwords", "Rules"])]


async def test_text_arrives_as_it_is_written_and_html_takes_its_place(window: Window, stand_in: StandIn) -> None:
    middle, last = Gate(), Gate()
    stand_in.scripts["How?"] = [
        ("retrieved", {"query": "How?", "notes": [], "hits": [hit()]}),
        ("delta", {"text": "Reset **it**"}),
        middle,
        ("delta", {"text": " now."}),
        last,
        end("Reset **it** now.", answer_html="<p>Reset <strong>it</strong> now.</p>"),
    ]
    await window.ask("How?")
    await expect(window.text).to_have_text("Reset **it**")
    await expect(window.answer).to_have_attribute("aria-busy", "true")
    middle.set()
    await expect(window.text).to_have_text("Reset **it** now.")
    last.set()
    await window.ends()
    await expect(window.text.locator("strong")).to_have_text("it")
    await expect(window.answer).not_to_have_attribute("aria-busy", "true")
    await expect(window.page.locator(".question")).to_contain_text("How?")


async def test_a_marker_becomes_a_chip_when_its_citation_comes(window: Window, stand_in: StandIn) -> None:
    first, second = Gate(), Gate()
    stand_in.scripts["How?"] = [
        ("delta", {"text": "Reset it on the account page. ["}),
        first,
        ("delta", {"text": "1] The link works for 30 minutes. [2]"}),
        ("citation", BOTH[0]),
        second,
        ("citation", BOTH[1]),
        end(TEXT, BOTH),
    ]
    await window.ask("How?")
    # Half a marker is not shown, for it may become a chip.
    await expect(window.text).to_have_text("Reset it on the account page.")
    first.set()
    await expect(window.text.locator(".chip")).to_have_count(1)
    await expect(window.text).to_contain_text("[2]")
    second.set()
    await window.ends()
    await expect(window.text.locator(".chip")).to_have_text(["1", "2"])
    await expect(window.text.locator(".chip").first).to_have_attribute(
        "aria-label", "Source 1: Passwords, page 3 · Reset a password"
    )


async def test_brackets_without_a_citation_and_those_in_code_stay_text(window: Window, stand_in: StandIn) -> None:
    text = "See [9] and `a[1]`. [1]"
    stand_in.scripts["How?"] = [
        end(text, [citation(1)], answer_html="<p>See [9] and <code>a[1]</code>. [1]</p><pre><code>b[1]</code></pre>")
    ]
    await window.answered("How?")
    await expect(window.text.locator(".chip")).to_have_count(1)
    await expect(window.text.locator("code")).to_have_text(["a[1]", "b[1]"])
    await expect(window.text).to_contain_text("See [9] and")


async def test_sources_are_listed_by_place(window: Window, stand_in: StandIn) -> None:
    same = [citation(1), citation(2, document_id="doc-1"), citation(3, title="Rules", page_end=5, support="partial")]
    stand_in.scripts["How?"] = answer("One [1], two [2], three [3].", same)
    await window.answered("How?")
    rows = window.answer.locator(".sources li")
    await expect(rows).to_have_count(2)
    await expect(rows.first.locator(".chip")).to_have_text(["1", "2"])
    await expect(rows.last).to_contain_text("pages 3–5 · Passwords › Reset a password · supports this in part")


async def test_events_of_an_unknown_kind_are_passed_over(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["How?"] = [("tool", {"name": "x"}), ("delta", {"text": "Yes."}), end("Yes.")]
    await window.answered("How?")
    await expect(window.text).to_have_text("Yes.")


async def test_one_question_is_asked_once_however_hard_one_clicks(window: Window, stand_in: StandIn) -> None:
    gate = Gate()
    stand_in.scripts["How?"] = [("delta", {"text": "Yes."}), gate, end("Yes.")]
    await window.field.fill("How?")
    await window.page.get_by_label("Send", exact=True).dblclick()
    await expect(window.text).to_have_text("Yes.")
    await window.ask("How?")
    await window.field.press("Enter")
    assert len(stand_in.asked) == 1
    await expect(window.field).to_have_value("How?")
    await expect(window.turns).to_have_count(1)
    gate.set()
    await window.ends()  # the second click of the double click has not stopped it
    assert stand_in.gone == 0


async def test_enter_sends_and_shift_enter_begins_a_line(window: Window, stand_in: StandIn) -> None:
    await window.field.press("Enter")
    await window.field.press_sequentially("one")
    await window.field.press("Shift+Enter")
    await window.field.press_sequentially("two")
    assert stand_in.asked == []
    await window.field.press("Enter")
    await window.ends()
    assert [each["question"] for each in stand_in.asked] == ["one\ntwo"]
    assert stand_in.asked[0] == {"question": "one\ntwo", "conversation_id": None}
    await expect(window.field).to_have_value("")


@pytest.mark.parametrize("key", ["isComposing: true", "keyCode: 229"])
async def test_enter_that_ends_a_composition_does_not_send(window: Window, stand_in: StandIn, key: str) -> None:
    await window.field.fill("日本")
    prevented = await window.field.evaluate(
        f"e => !e.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter', cancelable: true, bubbles: true, {key}}}))"
    )
    assert not prevented
    await expect(window.field).to_have_value("日本")
    assert stand_in.asked == []


async def test_follow_ups_go_to_the_same_conversation(window: Window, stand_in: StandIn) -> None:
    await window.answered("one")
    await window.answered("two")
    assert [each["conversation_id"] for each in stand_in.asked] == [None, "conv-1"]
    await expect(window.turns).to_have_count(2)
    assert window.page.url.endswith("#/c/conv-1")


@pytest.mark.parametrize("how", ["button", "Escape"])
async def test_stop_ends_the_request_and_keeps_what_was_said(window: Window, stand_in: StandIn, how: str) -> None:
    stand_in.scripts["How?"] = [("delta", {"text": "So far ["}), Gate()]
    await window.ask("How?")
    await expect(window.text).to_have_text("So far")
    if how == "button":
        await window.page.get_by_label("Stop the answer").click()
    else:
        await window.page.keyboard.press("Escape")
    await window.ends("failed")
    await expect(window.text).to_have_text("So far [")
    await expect(window.answer).to_contain_text("stopped before it was complete")
    await expect(window.page.get_by_label("Send", exact=True)).to_be_visible()
    await happens(lambda: stand_in.gone == 1)
    await window.answered("And now?")
    assert stand_in.asked[-1]["conversation_id"] == "conv-1"


async def test_a_question_right_after_a_stop_waits_until_the_answer_is_stored(
    window: Window, stand_in: StandIn
) -> None:
    window.allow(409)
    stand_in.scripts["How?"] = [("delta", {"text": "So far"}), Gate()]
    stand_in.scripts["And?"] = Refusal(409, "conflict", "Another answer is being written.")
    await window.ask("How?")
    await expect(window.text).to_have_text("So far")
    await window.page.keyboard.press("Escape")
    await window.ends("failed")
    await window.ask("And?")
    await happens(lambda: len(stand_in.asked) >= 3)
    stand_in.scripts["And?"] = answer("Yes.")
    await window.ends()
    await expect(window.text).to_have_text("Yes.")


async def test_a_question_that_is_too_long_is_told_before_it_is_sent(window: Window, stand_in: StandIn) -> None:
    send = window.page.get_by_label("Send", exact=True)
    # Characters as the service counts them: each of these takes two in JavaScript.
    await window.field.fill("👋" * 20_000)
    await expect(window.page.locator("#count")).to_have_text("20,000 of 20,000 characters")
    await expect(send).to_be_enabled()
    await window.field.fill("👋" * 20_001)
    await expect(window.page.locator("#count")).to_have_text("Too long to send: 20,001 of 20,000 characters")
    await expect(send).to_be_disabled()
    await expect(window.field).to_have_attribute("aria-invalid", "true")
    await expect(window.page.locator("#announcer")).to_have_text("The question is too long to send.")
    await window.field.press("Enter")
    assert stand_in.asked == []


async def test_an_answer_is_read_aloud_once_and_whole(window: Window, stand_in: StandIn) -> None:
    await window.page.evaluate(
        """() => { globalThis.spoken = []; const status = document.querySelector("#announcer");
        new MutationObserver(() => globalThis.spoken.push(status.textContent)).observe(status, {childList: true}); }"""
    )
    await window.answered("How?")
    spoken = await window.page.evaluate("spoken")
    assert spoken == [
        "Sent. The answer is being written.",
        "Answer: Reset your password on the account page.\u00a01",
    ]
    live = await window.page.locator(".log [aria-live], .log [role=log], .log [role=alert]").count()
    assert live == 0
