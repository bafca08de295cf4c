"""The Python API, over a real index."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langchain_core.retrievers import BaseRetriever

import ragbot
from ragbot import Answer, Bot, Message
from ragbot.core.errors import EmptyIndexError, UsageError
from ragbot.index.layout import DataDir
from ragbot.index.opening import open_catalog
from ragbot.settings import load_settings
from tests.cli.kit import KnowledgeBase

HASH = {"RAGBOT_EMBEDDER__PROVIDER": "hash", "RAGBOT_ANSWER__THRESHOLD": "0"}


@pytest.fixture
async def bot(knowledge_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    for name, value in HASH.items():
        monkeypatch.setenv(name, value)
    async with Bot.open(data_dir=knowledge_base.data_dir) as opened:
        yield opened


def stored_text(base: KnowledgeBase, source: str) -> str:
    with open_catalog(DataDir(base.data_dir)) as catalog:
        assert catalog is not None
        return catalog.text(catalog.document(source))


def check_citations(answer: Answer, base: KnowledgeBase) -> None:
    assert [int(n) for n in re.findall(r"\[(\d+)\]", answer.text)] == [citation.n for citation in answer.citations]
    for citation in answer.citations:
        text = stored_text(base, citation.source)
        assert text[citation.char_start : citation.char_end] == citation.quote
        said = answer.text[citation.answer_start : citation.answer_end]
        assert re.findall(r"\w+", said) == re.findall(r"\w+", citation.quote)
        assert citation.answer_end < answer.text.index(f"[{citation.n}]")


def test_the_public_api_is_what_we_promise() -> None:
    assert sorted(ragbot.__all__) == ["Answer", "Bot", "Citation", "Hit", "Message", "SearchResult"]
    for name in ragbot.__all__:
        assert getattr(ragbot, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = ragbot.Nothing
    assert sorted(name for name in vars(Bot) if not name.startswith("_")) == ["as_retriever", "ask", "open", "search"]


async def test_search_finds_passages_in_every_format(bot: Bot, knowledge_base: KnowledgeBase) -> None:
    for question, source in {
        "How long does the link to reset a password work?": "guides/passwords.md",
        "When are invoices sent?": "billing.html",
        "On which working days does the help desk answer?": "hours.txt",
        "How many suitcases may each passenger carry?": "handbook.pdf",
    }.items():
        result = await bot.search(question)
        assert result.hits[0].chunk.source == source
        assert result.query.text == question
        assert not result.notes
        for hit in result.hits:
            chunk = hit.chunk
            assert stored_text(knowledge_base, chunk.source)[chunk.char_start : chunk.char_end] == chunk.text
    assert (await bot.search("suitcases aboard", limit=1)).hits[0].chunk.page_end == 2


@pytest.mark.parametrize("question", ["When are invoices sent?", "How do I reset my password?", "How many suitcases?"])
async def test_an_answer_quotes_exactly_what_is_stored(bot: Bot, knowledge_base: KnowledgeBase, question: str) -> None:
    answer = await bot.ask(question)
    assert answer.outcome == "answered"
    assert answer.citations
    check_citations(answer, knowledge_base)


async def test_a_follow_up_is_understood_from_the_conversation(bot: Bot) -> None:
    talk = [Message("user", "How do I reset a password?"), Message("assistant", "On the account page.")]
    alone = await bot.search("And the link, how long does it work?", limit=3)
    together = await bot.search("And for how long?", conversation=talk, limit=3)
    assert alone.query.earlier == ()
    assert "reset a password" in together.query.text
    assert together.hits[0].chunk.source == "guides/passwords.md"
    answer = await bot.ask("And for how long?", conversation=talk)
    assert answer.query == together.query


async def test_only_principals_see_what_is_theirs(bot: Bot) -> None:
    question = "Call the night engineer on which extension?"
    for result in (await bot.search(question), await bot.search(question, principals=["guests"])):
        assert "internal.md" not in {hit.chunk.source for hit in result.hits}
    answer = await bot.ask(question)
    assert "4711" not in answer.text + answer.reason
    assert "internal.md" not in str(answer)
    assert (await bot.search(question, principals=["staff"])).hits[0].chunk.source == "internal.md"
    assert "4711" in (await bot.ask(question, principals=["staff"])).text


async def test_many_questions_at_once_get_their_own_answers(bot: Bot) -> None:
    questions = ["When are invoices sent?", "How many suitcases may each passenger carry?"] * 10
    results = await asyncio.gather(*(bot.search(question, limit=2) for question in questions))
    sources = [result.hits[0].chunk.source for result in results]
    assert sources == ["billing.html", "handbook.pdf"] * 10


async def test_the_retriever_works_in_and_outside_a_running_loop(bot: Bot) -> None:
    retriever = bot.as_retriever(limit=2)
    assert isinstance(retriever, BaseRetriever)
    found = await retriever.ainvoke("When are invoices sent?")
    assert found == retriever.invoke("When are invoices sent?"), "invoke inside a running loop gives the same"
    assert found == await asyncio.to_thread(retriever.invoke, "When are invoices sent?")
    assert len(found) == 2
    first = found[0]
    assert "Invoices are sent" in first.page_content
    assert first.metadata["source"] == "billing.html"
    assert first.metadata["char_end"] - first.metadata["char_start"] == len(first.page_content)
    staff = bot.as_retriever(principals=["staff"])
    assert (await staff.ainvoke("night engineer extension"))[0].metadata["source"] == "internal.md"


@pytest.mark.parametrize("question", ["", " \n", "why? " * 20_000, "caf\udce9"])
async def test_what_is_no_question_is_refused(bot: Bot, question: str) -> None:
    with pytest.raises(UsageError):
        await bot.search(question)
    with pytest.raises(UsageError):
        await bot.ask(question)


async def test_a_limit_below_one_is_refused(bot: Bot) -> None:
    with pytest.raises(UsageError, match="at least 1, not 0"):
        await bot.search("invoices", limit=0)


async def test_settings_can_be_handed_in(knowledge_base: KnowledgeBase) -> None:
    settings = load_settings(
        flags={"data_dir": knowledge_base.data_dir, "embedder.provider": "hash", "answer.threshold": 1}, environ={}
    )
    async with Bot.open(settings=settings) as opened:
        assert (await opened.ask("When are invoices sent?")).outcome == "abstained"


async def test_a_bot_over_nothing_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGBOT_EMBEDDER__PROVIDER", "hash")
    with pytest.raises(EmptyIndexError, match="ragbot ingest PATH"):
        async with Bot.open(data_dir=f"{tmp_path}/none"):
            pass
