"""The page over the real service: its API, its headers, its conversations, on a small knowledge base."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from ragbot.settings import load_settings
from tests.api.kit import KEY, listening
from tests.cli.kit import KnowledgeBase
from tests.web.kit import Window, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(params=[None, KEY], ids=["no key", "key"])
def key(request: pytest.FixtureRequest) -> str | None:
    found: str | None = request.param
    return found


@pytest.fixture
def address(own_base: KnowledgeBase, key: str | None) -> Iterator[str]:
    flags = {"data_dir": str(own_base.data_dir), "embedder.provider": "hash"}
    with listening(load_settings(environ={"RAGBOT_API_KEY": key} if key else {}, flags=flags)) as running:
        yield running.url


@pytest_asyncio.fixture(loop_scope="session")
async def served(browser: Browser, address: str, key: str | None) -> AsyncIterator[Window]:
    login = {"http_credentials": {"username": "anyone", "password": key}} if key else {}
    async with opened(browser, address, **login) as window:
        window.allow(503)  # the models are being loaded
        await window.go()
        await expect(window.page.locator("#banner")).to_be_hidden()
        yield window


async def test_a_reader_asks_reads_the_source_rates_and_comes_back(served: Window) -> None:
    page = served.page
    await expect(page.locator("#extent")).to_contain_text("documents you may read")
    await served.answered("How do I reset my password?")
    await expect(served.text).to_contain_text("Reset your password on the account page.")
    await expect(served.answer.locator(".sources .title").first).to_have_text("Passwords")

    await served.text.locator(".chip").first.click()
    await expect(served.panel.locator("mark")).to_contain_text("Reset your password on the account page.")
    await expect(served.panel.locator(".excerpt")).to_contain_text("Choose")
    await expect(served.panel).to_contain_text("guides/passwords.md")
    await page.keyboard.press("Escape")

    await served.answer.get_by_label("This answer did not help").click()
    await served.answer.get_by_label("Incomplete").check()
    await served.answer.get_by_label("Comment").fill("Where is that page?")
    await served.answer.get_by_role("button", name="Save").click()
    await expect(served.answer.get_by_role("form")).to_be_hidden()

    await served.answered("Which restaurant in Lisbon serves the best octopus?", "abstained")
    await expect(served.answer.locator(".remarks")).not_to_be_empty()
    await served.answered("Thank you!", "smalltalk")

    await page.reload()
    await expect(served.turns).to_have_count(3)
    first = page.locator(".answer").first
    await expect(first.locator(".text .chip").first).to_be_visible()
    await expect(first.get_by_label("This answer did not help")).to_have_attribute("aria-pressed", "true")
    await first.get_by_label("This answer did not help").click()
    await expect(first.get_by_label("Incomplete")).to_be_checked()
    await expect(first.get_by_label("Comment")).to_have_value("Where is that page?")

    await page.get_by_label("Delete the conversation").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(served.turns).to_have_count(0)
    await expect(page.locator("#history-remark")).to_contain_text("will be listed here")
