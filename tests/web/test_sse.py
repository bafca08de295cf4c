"""The page's own reader of server-sent events, run where it runs: in Chromium."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.web.kit import Window, opened
from tests.web.stand_in import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

Events = list[dict[str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(browser: Browser, stage: Stage) -> AsyncIterator[Window]:
    """One for all: these tests leave the page as it is."""
    async with opened(browser, stage.url) as window:
        await window.go()
        yield window


ALL_CUTS = """
async ([bytes, expected]) => {
  const { EventParser } = await import("/static/sse.js");
  const all = Uint8Array.from(bytes);
  const wrong = [];
  for (let first = 0; first <= all.length; first += 1) {
    for (let second = first; second <= all.length; second += 1) {
      const parser = new EventParser();
      const pieces = [all.slice(0, first), all.slice(first, second), all.slice(second)];
      const found = pieces.flatMap((piece) => parser.feed(piece));
      if (JSON.stringify(found) !== expected) wrong.push([first, second, found]);
    }
  }
  return wrong.slice(0, 3);
}
"""
READ = """
async (pieces) => {
  const { readEvents } = await import("/static/sse.js");
  const encoder = new TextEncoder();
  let closed = false;
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(encoder.encode(piece));
    },
    cancel() { closed = true; },
  });
  const found = [];
  for await (const { data } of readEvents(body)) {
    found.push(data);
    if (data === "enough") break;
  }
  await new Promise((done) => setTimeout(done));
  return [found, closed];
}
"""


def event(data: str, name: str = "message", event_id: str = "") -> dict[str, str]:
    return {"event": name, "data": data, "id": event_id}


CASES: dict[str, tuple[str, Events]] = {
    "the service's own form": (
        'event: delta\ndata: {"text": "né 👋"}\nid: 1\n\nevent: end\ndata: {}\nid: 2\n\n',
        [event('{"text": "né 👋"}', "delta", "1"), event("{}", "end", "2")],
    ),
    "CRLF": ("event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", [event("1", "a"), event("2")]),
    "CR": ("event: a\rdata: 1\r\rdata: 2\r\r", [event("1", "a"), event("2")]),
    "all line ends at once": ("data: 1\r\ndata: 2\rdata: 3\n\r\ndata: 4\n\n", [event("1\n2\n3"), event("4")]),
    "data of many lines": ("data: a\ndata:\ndata:  b\ndata\n\n", [event("a\n\n b\n")]),
    "comments": (":\n: still here\n\ndata: 1\n: within\ndata: 2\n\n:end\n\n", [event("1\n2")]),
    "no data, no event": ("event: a\n\ndata: 1\n\n", [event("1")]),
    "unknown fields": ("retry: 10\nfoo: bar\ndata: 1\nevents: x\n\n", [event("1")]),
    "the last event is cut off": ("data: 1\n\nevent: b\ndata: 2\n", [event("1")]),
    "a byte order mark": ("\ufeffdata: 1\n\n", [event("1")]),
    "an id stays": ("id: 7\ndata: 1\n\ndata: 2\n\n", [event("1", event_id="7"), event("2", event_id="7")]),
    "colons in data": ("data:a:b\n\ndata: {:}\n\n", [event("a:b"), event("{:}")]),
    "nothing": ("", []),
}


@pytest.mark.parametrize("name", CASES)
async def test_events_are_the_same_wherever_the_bytes_are_cut(window: Window, name: str) -> None:
    text, expected = CASES[name]
    written = json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    wrong: list[Any] = await window.page.evaluate(ALL_CUTS, [[*text.encode()], written])
    assert wrong == []


async def test_a_stream_is_read_to_its_end(window: Window) -> None:
    assert await window.page.evaluate(READ, ["data: 1\n", "\nda", "ta: 2\n\n"]) == [["1", "2"], False]


async def test_leaving_early_closes_the_connection(window: Window) -> None:
    assert await window.page.evaluate(READ, ["data: enough\n\n", "data: 2\n\n"]) == [["enough"], True]
