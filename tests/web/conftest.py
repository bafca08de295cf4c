"""One Chromium for all tests of the page; a window of its own, and a service that does as it is told, for each."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.web.kit import DESKTOP, WAIT_MS, Window, reused
from tests.web.stand_in import PASSAGE, Stage, StandIn, serving

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("the chat page is tested in Chromium, and there is none on the PATH")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=found, args=[*_FLAGS])
        yield running
        await running.close()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with serving() as running:
        yield running


@pytest.fixture
def stand_in(stage: Stage) -> StandIn:
    return stage.play(passages={"doc-1": PASSAGE})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport=DESKTOP)
    context.set_default_timeout(WAIT_MS)
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(_page: Page, stand_in: StandIn) -> AsyncIterator[Window]:
    """A desktop window with the page in it, over ``stand_in``."""
    async with reused(_page, stand_in.url) as window:
        await window.go()
        yield window


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    """Where a screenshot of this name goes: the folder in ``ARTIFACTS_DIR``, else one of the test's own."""
    folder = Path(os.environ.get("ARTIFACTS_DIR") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return lambda name: folder / f"{name}.png"
