"""Nothing that a document, a title, a question or a broken server says is ever run or loaded."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.web.kit import Window
from tests.web.stand_in import PASSAGE, StandIn, citation, end, hit, result

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML = (
    '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'
    '<b style="position:fixed">bold</b>&lt;i&gt; \u202e\u0000 [1](javascript:window.broken=1)'
)
SHOWN = HTML.replace("\u0000", "")
"""A NUL is no character of a page; where one stays, it is shown as nothing."""
SERVED = """
<p onclick="window.broken=1" style="color:red" class="welcome" id="log">Fine <em>words</em>. [1]</p>
<script>window.broken=1</script><img src="https://tracker.example/x.png" onerror="window.broken=1">
<svg onload="window.broken=1"><script>window.broken=1</script></svg><math><mtext></mtext></math>
<iframe src="https://frame.example" srcdoc="<script>parent.broken=1</script>"></iframe>
<form action="https://form.example"><input name="q" autofocus onfocus="window.broken=1"><button>Go</button></form>
<a href="javascript:window.broken=1">one</a><a href=" java&#10;script:window.broken=1">two</a>
<a href="data:text/html,x">three</a><a href="/api/v1/documents">four</a>
<a href="https://good.example/" onclick="window.broken=1" target="_self">five</a>
<style>body { display: none }</style><link rel="stylesheet" href="https://style.example/x.css">
<template><p>hidden</p></template><base href="https://base.example/"><meta http-equiv="refresh" content="0;url=https://x.example">
<h1>Large</h1><ol start="3" onclick="x"><li>item</li></ol><object data="https://o.example"></object>
"""


def hostile(**more: Any) -> dict[str, Any]:
    return citation(title=HTML, heading_path=[HTML, HTML], quote=HTML, source=HTML, uri=f"javascript:{HTML}", **more)


async def untouched(window: Window) -> None:
    assert await window.page.evaluate("window.broken") is None
    inside = "img, script:not([src]), iframe, form form, svg script, [onclick], [onerror], [style], object, base, meta"
    assert await window.page.locator(f"body :is({inside})").count() == 0


async def test_html_in_everything_is_text(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts[HTML.strip()] = [
        ("retrieved", {"query": HTML, "notes": [HTML], "hits": [hit(title=HTML, heading_path=[HTML], source=HTML)]}),
        ("delta", {"text": f"{HTML} [1]"}),
        ("citation", hostile()),
        end(f"{HTML} [1]", [hostile()], answer_html="", notes=[HTML], reason=HTML, query=HTML),
    ]
    stand_in.passages["doc-1"] = (
        PASSAGE | dict.fromkeys(("title", "source", "uri", "before", "quote", "after"), HTML) | {"heading_path": [HTML]}
    )
    stand_in.documents = [HTML, HTML]
    await window.page.reload()
    await expect(window.page.locator("#examples")).to_contain_text("<img src=x")
    await window.answered(HTML)
    await expect(window.page.locator(".question p")).to_contain_text(HTML[:60])
    await expect(window.text).to_contain_text("<script>window.broken=1</script>")
    await expect(window.answer.locator(".sources .title")).to_contain_text("<script>")
    await window.text.locator(".chip").last.click()
    await expect(window.panel.locator("mark")).to_contain_text("<script>window.broken=1</script>")
    await expect(window.panel.locator("h2")).to_contain_text("<script>")
    await expect(window.page.locator("#conversations .title")).to_contain_text("<script>")
    await untouched(window)
    await window.page.reload()
    await expect(window.text).to_contain_text("<script>")
    await untouched(window)


async def test_abstentions_and_errors_with_html_are_text(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["one"] = [
        ("retrieved", {"query": "", "notes": [], "hits": [hit(title=HTML, heading_path=[HTML])]}),
        end("No.", outcome="abstained", reason=HTML),
    ]
    stand_in.scripts["two"] = [("failed", {"error": {"code": HTML, "message": HTML, "remedy": HTML}})]
    await window.answered("one", "abstained")
    await expect(window.answer.locator(".remarks")).to_contain_text("<script>")
    await expect(window.answer.locator(".sources")).to_contain_text("<script>")
    await window.answered("two", "failed")
    await expect(window.answer.locator(".notice")).to_contain_text("<script>")
    await untouched(window)


async def test_a_servers_html_is_cleaned_once_more(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["How?"] = [end("Fine words. [1]", [citation(1)], answer_html=SERVED)]
    await window.answered("How?")
    await expect(window.text.locator("em")).to_have_text("words")
    await expect(window.text.locator(".chip")).to_have_text("1")
    kept = await window.text.evaluate("e => [...new Set([...e.querySelectorAll('*')].map(x => x.localName))].sort()")
    assert kept == ["a", "button", "em", "h3", "li", "ol", "p"]
    links = await window.text.locator("a").evaluate_all("all => all.map(a => [a.textContent, a.getAttribute('href')])")
    assert links == [["one", None], ["two", None], ["three", None], ["four", None], ["five", "https://good.example/"]]
    attributes = await window.text.evaluate(
        "e => [...new Set([...e.querySelectorAll('*:not(button)')].flatMap(x => x.getAttributeNames()))].sort()"
    )
    assert attributes == ["href", "rel", "start", "target"]
    await expect(window.text).not_to_contain_text(re.compile("broken|display|hidden"))
    await untouched(window)
    # Styles and a base address are refused by the policy as soon as they are parsed.
    assert all("Content Security Policy" in complaint for complaint in window.complaints)
    window.complaints.clear()


async def test_an_answer_nested_beyond_reason_does_not_break_the_page(window: Window, stand_in: StandIn) -> None:
    stand_in.scripts["How?"] = [end("x", answer_html="<blockquote>" * 5000 + "deep")]
    await window.answered("How?")
    stand_in.store("conv-2", "Second", result("[1]" * 1000, [citation(1)]))
    await window.go("/#/c/conv-2")
    await expect(window.text.locator(".chip")).to_have_count(1000)


async def test_the_policy_would_refuse_what_the_page_never_does(window: Window) -> None:
    """The policy is in force: a page that broke these rules would be seen to in the console of every test."""
    await window.page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener("securitypolicyviolation", done, {once: true});
            document.body.setAttribute("style", "color: red");
        })"""
    )
    await expect(window.page.locator("body")).not_to_have_css("color", "rgb(255, 0, 0)")
    assert len(window.complaints) == 1
    assert "Content Security Policy" in window.complaints.pop()
