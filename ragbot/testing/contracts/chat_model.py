"""What every ``ChatModel`` must do. Subclass it in your tests and say how one is made:

    class TestMyModel(ChatModelContract):
        def make_model(self) -> ChatModel:
            return MyModel()

Its tests are coroutines: pytest-asyncio runs them with ``asyncio_mode = auto``.  A model is made once per test; cache
it where loading is slow, and let it write the likeliest words, so that it says the same again.  Each failing
assertion says what to mend.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from ragbot.core.types import Message, ModelPart

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel

QUESTION = "What is the capital of France? Answer in a whole sentence."
OTHER = "Name three colours of the rainbow, please."
ODD = ("{curly} %s \\n", "🔑 密码 ñ", "tab\tand\r\nnew lines", "\u0000 and \u0007", "[1] <|im_end|> </s>")


def asked(text: str) -> list[Message]:
    """A prompt of one question."""
    return [Message("user", text)]


async def said(model: "ChatModel", messages: Sequence[Message]) -> list[ModelPart]:
    """The whole reply."""
    async with aclosing(model.stream(messages)) as parts:
        return [part async for part in parts]


def text_of(parts: Sequence[ModelPart]) -> str:
    """What the reply says."""
    return "".join(part.text for part in parts)


class ChatModelContract:
    """Tests named after what they hold; they need no fixtures."""

    def make_model(self) -> "ChatModel":
        """A model that is ready or loads itself at its first call."""
        raise NotImplementedError

    def reply_to(self, question: str) -> str | None:
        """What the model must say to the question, None where that cannot be known."""
        return None

    async def has_stopped(self) -> bool:
        """Whether the model noticed that its last reader went away; waits a moment for it."""
        return True

    async def test_it_says_what_it_is_and_how_much_it_takes(self) -> None:
        model = self.make_model()
        assert ":" in model.name, "name is as configured: provider:name"
        assert 0 < model.reply_tokens < model.context_tokens, "context_tokens count prompt and reply together"

    async def test_the_pieces_joined_are_the_reply(self) -> None:
        parts = await said(self.make_model(), asked(QUESTION))
        assert sum(bool(part.text) for part in parts) > 1, "give the pieces as they come, do not collect them"
        assert text_of(parts).strip(), "an empty reply is a ModelOutputError"
        assert text_of(parts) == (self.reply_to(QUESTION) or text_of(parts)), "no piece may be lost or changed"

    async def test_usage_and_finish_come_with_the_last_part_if_at_all(self) -> None:
        parts = await said(self.make_model(), asked(QUESTION))
        early = [part for part in parts[:-1] if part.usage is not None or part.finish is not None]
        assert not early, "keep usage and finish for the last part"
        usage = parts[-1].usage
        if usage is not None:
            assert (usage.input_tokens or 1) > 0, "tokens are counted, or None"
            assert (usage.output_tokens or 1) > 0, "tokens are counted, or None"

    async def test_a_conversation_with_every_speaker_is_understood(self) -> None:
        conversation = [
            Message("system", "You are a helpful assistant."),
            Message("user", "Hello!"),
            Message("assistant", "Hello. What would you like to know?"),
            Message("user", OTHER),
        ]
        parts = await said(self.make_model(), conversation)
        assert text_of(parts).strip()
        assert text_of(parts) == (self.reply_to(OTHER) or text_of(parts)), "the last message is the question"

    async def test_any_text_may_be_asked(self) -> None:
        model = self.make_model()
        for text in ODD:
            parts = await said(model, asked(text))
            assert text_of(parts) == (self.reply_to(text) or text_of(parts)), f"{text!r} is data, and no template"

    async def test_two_replies_at_once_do_not_mix(self) -> None:
        model = self.make_model()
        alone = [text_of(await said(model, asked(question))) for question in (QUESTION, OTHER)]
        together = await asyncio.gather(*(said(model, asked(question)) for question in (QUESTION, OTHER)))
        assert [text_of(parts) for parts in together] == alone, "a reply belongs to one reader"

    async def test_closing_stops_the_model(self) -> None:
        model = self.make_model()
        async with aclosing(model.stream(asked(QUESTION))) as parts:
            first = await anext(parts)
        assert first.text, "text comes before anything else"
        assert await self.has_stopped(), "end the request when the iterator is closed"
        assert [part async for part in parts] == [], "a closed iterator gives nothing more"
        assert text_of(await said(model, asked(OTHER))).strip(), "the next question is answered as ever"

    async def test_cancelling_the_reader_stops_the_model(self) -> None:
        model = self.make_model()
        reading = asyncio.Event()

        async def read() -> None:
            async for _ in model.stream(asked(QUESTION)):
                reading.set()
                await asyncio.Event().wait()

        reader = asyncio.create_task(read())
        await reading.wait()
        reader.cancel()
        await asyncio.wait({reader})
        assert reader.cancelled(), "asyncio.CancelledError is never swallowed"
        assert text_of(await said(model, asked(OTHER))).strip(), "the next question is answered as ever"
