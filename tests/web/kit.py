"""A window that fails its test when the page complains, breaks, or talks to anyone but its own service."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, Request, ViewportSize, expect

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
WAIT_MS = 5000

expect.set_options(timeout=WAIT_MS)


@dataclass
class Window:
    """The page in a browser window, with the words its tests use."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)

    def allow(self, *reasons: int | str) -> None:
        """Chromium itself notes on the console what fails to load; these statuses and reasons are meant to come."""
        self.allowed |= {f"a status of {each} " if isinstance(each, int) else each for each in reasons}

    async def go(self, address: str = "/") -> None:
        await self.page.goto(self.url + address)
        await expect(self.field).to_be_focused()  # the last thing the page does when it starts

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Your question")

    @property
    def turns(self) -> Locator:
        return self.page.locator(".turn")

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.page.locator(".answer").last

    @property
    def text(self) -> Locator:
        """The last answer's own words."""
        return self.answer.locator(".text")

    @property
    def panel(self) -> Locator:
        return self.page.locator("#passage")

    async def ask(self, question: str) -> None:
        await self.field.fill(question)
        await self.field.press("Enter")

    async def answered(self, question: str, outcome: str = "answered") -> None:
        """Asks, and waits for the end."""
        await self.ask(question)
        await self.ends(outcome)

    async def ends(self, outcome: str = "answered") -> None:
        await expect(self.answer).to_have_attribute("data-outcome", outcome)

    async def focused(self) -> str:
        """What has the focus, by its label, its text or its id."""
        script = "e => e.getAttribute('aria-label') || e.id || e.textContent.trim()"
        found: str = await (await self.page.evaluate_handle("document.activeElement")).evaluate(script)
        return found

    async def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        found: int = await self.page.evaluate(
            "() => Math.max(...[document.documentElement, document.querySelector('#scroller')]"
            ".map(e => e.scrollWidth - e.clientWidth))"
        )
        return found

    def _said(self, message: ConsoleMessage) -> None:
        meant = message.text.startswith("Failed to load resource") and any(
            each in message.text for each in self.allowed
        )
        if message.type in ("error", "warning") and not meant:
            self.complaints.append(f"console: {message.text}")

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:")):
            self.complaints.append(f"request to {request.url}")

    def _broke(self, error: Error) -> None:
        self.complaints.append(f"page: {error}")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Fails at its end if the page did anything it must not."""
        listeners = {"console": self._said, "pageerror": self._broke, "request": self._requested}
        for event, listener in listeners.items():
            self.page.on(event, listener)  # type: ignore[call-overload]
        try:
            yield
            assert self.complaints == []
        finally:
            for event, listener in listeners.items():
                self.page.remove_listener(event, listener)


async def happens(look: Callable[[], bool]) -> None:
    """Waits for something on the side of the service."""
    until = time.perf_counter() + WAIT_MS / 1000
    while not look():
        assert time.perf_counter() < until, "it did not happen in time"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(browser: Browser, url: str, **options: Any) -> AsyncIterator[Window]:
    """A window of its own: another size, scheme or service than the usual one."""
    context = await browser.new_context(**{"viewport": DESKTOP, **options})
    context.set_default_timeout(WAIT_MS)
    try:
        window = Window(await context.new_page(), url)
        with window.watched():
            yield window
    finally:
        await context.close()


@asynccontextmanager
async def reused(page: Page, url: str) -> AsyncIterator[Window]:
    """A window that other tests have used and will use: three times as quick as one of its own, and as empty."""
    window = Window(page, url)
    try:
        with window.watched():
            yield window
    finally:
        await page.unroute_all()
        await page.evaluate("sessionStorage.clear()")
        await page.goto("about:blank")
        await page.set_viewport_size(DESKTOP)
