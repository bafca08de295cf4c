"""The Python API, over a real index."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langchain_core.retrievers import BaseRetriever

import ragbot
from ragbot import Answer, Bot, Message
from ragbot.core.errors import ChangedError, ConfigError, EmptyIndexError, NotFoundError, UsageError
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
    values = ["Answer", "Citation", "Hit", "Message", "SearchResult", "Turn"]
    assert sorted(ragbot.__all__) == sorted(["Bot", "Cited", "Completed", "Delta", "Retrieved", *values])
    for name in ragbot.__all__:
        assert getattr(ragbot, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = ragbot.Nothing
    asking = ["as_retriever", "ask", "roles", "search", "stream"]
    reading = ["document", "documents", "passage"]
    opening = ["open", "ready", "warm"]
    offered = [name for name in vars(Bot) if not name.startswith("_")]
    assert sorted(offered) == sorted(asking + reading + opening)


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


async def test_an_answer_can_be_read_as_it_is_written(bot: Bot) -> None:
    events = [event async for event in bot.stream(ragbot.Turn("When are invoices sent?"))]
    assert isinstance(events[0], ragbot.Retrieved)
    last = events[-1]
    assert isinstance(last, ragbot.Completed)
    assert "".join(event.text for event in events if isinstance(event, ragbot.Delta)) == last.answer.text
    assert last.answer.timings["first_token"] <= last.answer.timings["total"]


@pytest.mark.parametrize("turn", [ragbot.Turn(" "), ragbot.Turn("x" * 20_001), ragbot.Turn("Hello?", role="nobody")])
def test_a_turn_that_is_none_is_refused_before_anything_starts(bot: Bot, turn: ragbot.Turn) -> None:
    with pytest.raises(ConfigError):
        bot.stream(turn)


async def test_a_citation_opens_the_place_it_names(bot: Bot, knowledge_base: KnowledgeBase) -> None:
    answer = await bot.ask("How long does the link to reset a password work?")
    for each in answer.citations:
        place = await bot.passage(each.document_id, each.revision, each.char_start, each.char_end)
        assert place.quote == each.quote
        whole = stored_text(knowledge_base, each.source)
        assert place.before + place.quote + place.after in whole
        assert place.info.source == each.source
    with pytest.raises(ChangedError):
        await bot.passage(each.document_id, each.revision + 1, each.char_start, each.char_end)
    for start, end in ((-1, 4), (5, 5), (0, 10**9)):
        with pytest.raises(NotFoundError):
            await bot.passage(each.document_id, each.revision, start, end)


async def test_documents_of_others_are_as_if_they_never_were(bot: Bot) -> None:
    everyone = {each.source: each for each in await bot.documents()}
    staff = {each.source: each for each in await bot.documents(["staff"])}
    assert set(staff) - set(everyone) == {"internal.md"}
    hidden = staff["internal.md"].document_id
    assert "4711" in (await bot.document(hidden, ["staff"])).text
    messages = []
    for unknown in (hidden, "0" * len(hidden)):
        for reading in (bot.document(unknown), bot.passage(unknown, 1, 0, 5)):
            with pytest.raises(NotFoundError) as error:
                await reading
            messages.append(str(error.value))
    assert len(set(messages)) == 1


async def test_until_it_is_warm_a_bot_answers_from_keywords_and_says_so(
    knowledge_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGBOT_EMBEDDER__PROVIDER", "hash")
    async with Bot.open(data_dir=knowledge_base.data_dir, loaded=False) as cold:
        before = cold.ready
        result = await cold.search("invoices first day of each month")
        assert result.hits[0].chunk.source == "billing.html"
        assert result.notes
        assert "dense" not in result.hits[0].channels
        await cold.warm()
        assert (before, cold.ready) == (False, True)
        assert not (await cold.search("invoices first day of each month")).notes
