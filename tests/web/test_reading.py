"""Reading: at every size, in both schemes, by keyboard and with a long answer; the pictures are kept for people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, expect

from tests.web.kit import DESKTOP, PHONE, Window, opened
from tests.web.stand_in import Gate, Refusal, StandIn, citation, end, hit

pytestmark = pytest.mark.asyncio(loop_scope="session")

Scheme = Literal["light", "dark"]

RICH = """<h2>Reset a password</h2><p>Reset your password on the <strong>account page</strong>. [1] The link in the
message works for 30 minutes, and it can be used once. [2]</p><ol><li>Open the account page.</li><li>Choose
<em>Forgotten password</em>. [1]</li></ol><table><thead><tr><th>Plan</th><th>Price per month</th><th>Storage</th>
<th>Support</th><th>Retention of deleted items</th></tr></thead><tbody><tr><td>Basic</td><td>4 €</td><td>10 GB</td>
<td>Working days, 9–17</td><td>30 days</td></tr></tbody></table>
<pre><code>ragbot ask "How do I reset my password?" --role support --principal staff --json</code></pre>
<p>Averyveryverylongwordthatnothingwouldeverbreakifitwerenottoldtodosoatanypointwithinitself.</p>
<blockquote><p>It is never sent by mail.</p></blockquote>"""
BOTH = [citation(1), citation(2, document_id="doc-1", heading_path=["Passwords", "Rules"], page_end=4)]

CONTRAST = """
() => {
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return rgba("Canvas");
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const visible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!walker.currentNode.data.trim() || !visible || element.closest(".visually-hidden, noscript")) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.className} ${walker.currentNode.data.slice(0, 30)}`);
  }
  return poor;
}
"""
NAMELESS = """
() => [...document.querySelectorAll("button, a, input, textarea, select, dialog, form, nav")]
  .filter((e) => e.checkVisibility())
  .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length || e.ariaLabelledByElements?.length))
  .map((e) => e.outerHTML)
"""
SMALL = """
() => [...document.querySelectorAll("button, a, input")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip, .text p, .text li"))
  .map((e) => [e.getBoundingClientRect(), e.ariaLabel || e.textContent])
  .filter(([box]) => box.width < 22 || box.height < 22)
  .filter(([, name]) => !/^(Wrong|Incomplete|Outdated|Source does not match)?$/.test(name))
  .map(([box, name]) => `${name}: ${box.width} x ${box.height}`)
"""


FROM_THE_TOP = "() => { document.body.tabIndex = -1; document.body.focus(); }"


def script(stand_in: StandIn) -> None:
    stand_in.scripts["How do I reset my password?"] = [end("Reset it. [1] [2]", BOTH, answer_html=RICH)]
    near = [hit(1), hit(2, title="Billing", page=None, heading_path=["Refunds"])]
    stand_in.scripts["Which restaurant has the best octopus?"] = [
        ("retrieved", {"query": "", "notes": [], "hits": near}),
        end(
            "I don't know: nothing in the documents answers this.",
            outcome="abstained",
            reason="No retrieved passage speaks of 'octopus', 'restaurant'.",
        ),
    ]
    error = {"code": "model_timeout", "message": "The model took too long.", "remedy": "Try again in a moment."}
    stand_in.scripts["And now?"] = [("delta", {"text": "So far"}), ("failed", {"error": error})]
    stand_in.scripts["Refused"] = Refusal(
        409, "conflict", "Another answer is being written.", "Wait until it is there."
    )
    stand_in.scripts["Still?"] = [("retrieved", {"query": "", "notes": [], "hits": []}), Gate()]


async def sound(window: Window) -> None:
    assert await window.page.evaluate(CONTRAST) == []
    assert await window.page.evaluate(NAMELESS) == []
    assert await window.page.evaluate(SMALL) == []
    assert await window.overflow() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_every_state_is_legible_and_fits(
    browser: Browser, stand_in: StandIn, picture: Callable[[str], Path], size: str, scheme: Scheme
) -> None:
    script(stand_in)
    options: dict[str, Any] = {"viewport": DESKTOP} if size == "desktop" else {"viewport": PHONE, "has_touch": True}
    name = f"chat-{size}-{scheme}"
    async with opened(browser, stand_in.url, color_scheme=scheme, reduced_motion="reduce", **options) as window:
        window.allow(409)
        page = window.page

        async def look(state: str) -> None:
            await sound(window)
            await page.screenshot(path=picture(f"{name}-{state}"))

        await window.go()
        await expect(page.locator("#examples button")).to_have_count(3)
        await look("1-empty")
        await window.answered("How do I reset my password?")
        await page.locator("#scroller").evaluate("e => e.scrollTo(0, 0)")
        await look("2-answer")
        await window.text.locator(".chip").first.click()
        await expect(window.panel.locator("mark")).to_be_visible()
        await look("3-passage")
        await page.keyboard.press("Escape")
        await window.answer.get_by_label("This answer did not help").click()
        await window.answer.get_by_label("Outdated").check()
        await look("4-feedback")
        await window.answered("Which restaurant has the best octopus?", "abstained")
        await look("5-abstained")
        await window.answered("And now?", "failed")
        await window.ask("Refused")
        await expect(page.get_by_role("alert")).to_contain_text("Another answer")
        await look("6-failed")
        await window.ask("Still?")
        await expect(window.answer.locator(".progress")).to_contain_text("Reading")
        if size == "phone":
            await page.get_by_role("button", name="Conversations").tap()
        else:
            await page.locator("#conversations li").first.hover()
        await page.get_by_label("Delete the conversation").first.click()
        await look("7-history")


async def test_a_long_answer_is_followed_until_the_reader_looks_elsewhere(window: Window, stand_in: StandIn) -> None:
    gates = [Gate() for _ in range(4)]
    part = "".join(f"Line {n} of a long answer.\n\n" for n in range(40))
    steps = [step for n, gate in enumerate(gates) for step in (("delta", {"text": f"{part}Part {n}.\n"}), gate)]
    stand_in.scripts["How?"] = [*steps, end(part)]
    scroller = window.page.locator("#scroller")
    distance = "e => Math.round(e.scrollHeight - e.clientHeight - e.scrollTop)"
    latest = window.page.get_by_role("button", name="Latest")

    await window.ask("How?")
    await expect(window.text).to_contain_text("Part 0.")
    await window.page.wait_for_function(
        "() => { const e = document.querySelector('#scroller'); return e.scrollTop > 0 }"
    )
    gates[0].set()
    await expect(window.text).to_contain_text("Part 1.")
    await window.page.evaluate(
        "() => new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))"
    )
    assert await scroller.evaluate(distance) <= 8
    await expect(latest).to_be_hidden()

    await scroller.hover()
    await window.page.mouse.wheel(0, -300)
    await expect(latest).to_be_visible()
    before = await scroller.evaluate("e => e.scrollTop")
    gates[1].set()
    await expect(window.text).to_contain_text("Part 2.")
    await window.page.wait_for_timeout(50)
    assert await scroller.evaluate("e => e.scrollTop") == before

    await latest.click()
    await expect(latest).to_be_hidden()
    gates[2].set()
    await expect(window.text).to_contain_text("Part 3.")
    await window.page.evaluate(
        "() => new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))"
    )
    assert await scroller.evaluate(distance) <= 8
    gates[3].set()
    await window.ends()


async def everything_is_there(window: Window) -> None:
    """An answer, and the conversation in the list, which comes in a request of its own."""
    await window.answered("How?")
    await expect(window.page.locator("#history a")).to_have_count(1)


async def test_everything_is_reached_by_keyboard_in_a_sensible_order(window: Window) -> None:
    await everything_is_there(window)
    await window.page.evaluate(FROM_THE_TOP)
    order = []
    for _ in range(10):
        await window.page.keyboard.press("Tab")
        order.append(await window.focused())
    assert order == [
        "skip",
        "new",
        "How?Mar 14, 2025",
        "Delete the conversation “How?”",
        "Source 1: Passwords, page 3 · Reset a password",
        "Source 1: Passwords, page 3 · Reset a password",
        "Copy this answer",
        "This answer helped",
        "This answer did not help",
        "question",
    ]


async def test_the_skip_link_leads_to_the_question_and_keeps_the_address(window: Window) -> None:
    await window.answered("How?")
    address = window.page.url
    await window.page.evaluate(FROM_THE_TOP)
    await window.page.keyboard.press("Tab")
    await expect(window.page.locator("#skip")).to_be_in_viewport()
    await window.page.keyboard.press("Enter")
    await expect(window.field).to_be_focused()
    assert window.page.url == address


async def test_the_focus_is_visible_wherever_it_is(window: Window) -> None:
    await everything_is_there(window)
    await window.page.evaluate(FROM_THE_TOP)
    for _ in range(9):
        await window.page.keyboard.press("Tab")
        shown = await window.page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2 }"
        )
        assert shown, await window.focused()


async def test_nothing_moves_for_those_who_asked_for_rest(browser: Browser, stand_in: StandIn) -> None:
    script(stand_in)
    async with opened(browser, stand_in.url, reduced_motion="reduce") as window:
        await window.go()
        await window.ask("Still?")
        await expect(window.answer.locator(".dots")).to_be_visible()
        assert await window.page.evaluate("document.getAnimations().length") == 0


async def test_a_way_to_begin_goes_into_the_field(window: Window, stand_in: StandIn) -> None:
    await expect(window.page.locator("#extent")).to_have_text("Ask about the 2 documents you may read.")
    await window.page.get_by_role("button", name="What does “Passwords” say about …").click()
    await expect(window.field).to_have_value("What does “Passwords” say about ")
    await expect(window.field).to_be_focused()
    assert stand_in.asked == []


async def test_without_documents_the_page_says_so(window: Window, stand_in: StandIn) -> None:
    stand_in.documents = []
    await window.page.reload()
    await expect(window.page.locator("#extent")).to_contain_text("There are no documents yet.")
