"""Answering with a language model that writes: nothing leaves that the retrieved passages do not support.

The reply is read sentence by sentence.  Each is checked against the passages it cites, then against the others; what
nothing supports is withheld and counted.  Every sentence said carries markers of our own, one for each citation.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ragbot.chat.answering import Task
from ragbot.chat.packing import fits, packed
from ragbot.chat.quoting import cited, unmarked
from ragbot.chat.settings import AnswerSettings
from ragbot.core.citations import Claimed, ReplyReader
from ragbot.core.events import ChatEvent, Cited, Completed, Delta
from ragbot.core.text import breadcrumb, fold
from ragbot.core.types import Answer, Citation, Grounding, Hit, Message, ModelPart, Support, Usage

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel, Grounder

_MOST_CITED = 3
_WORTH: dict[Support, int] = {"unsupported": 0, "partial": 1, "supported": 2}


class MakesClaim(Protocol):
    """Whether a sentence says anything that could be wrong ("Here are the steps:" does not)."""

    def __call__(self, sentence: str, /) -> bool: ...


class GenerativeAnswerer:
    """An ``Answerer`` with any ``ChatModel``."""

    def __init__(
        self, model: "ChatModel", grounder: "Grounder", makes_claim: MakesClaim, settings: AnswerSettings
    ) -> None:
        self._model = model
        self._grounder = grounder
        self._makes_claim = makes_claim
        self._settings = settings

    async def stream(self, task: Task) -> AsyncGenerator[ChatEvent, None]:
        hits, messages = self._fitted(task)
        reply = _Reply(hits, task.role.say("abstained"), _WORTH[self._settings.support])
        reader = ReplyReader()
        last = ModelPart()
        async with aclosing(self._model.stream(messages)) as parts:
            async for part in parts:
                last = ModelPart(usage=part.usage or last.usage, finish=part.finish or last.finish)
                for claimed in reader.feed(part.text):
                    for event in await self._said(claimed, reply):
                        yield event
                if reply.repeats >= _MOST_REPEATS:
                    break
        # What was cut short ends in half a sentence, and half a sentence may say something else than the whole.
        if last.finish != "length" and reply.repeats < _MOST_REPEATS:
            for claimed in reader.end():
                for event in await self._said(claimed, reply):
                    yield event
        if not reply.citations:
            yield Delta(task.role.say("abstained"))
        yield Completed(self._answer(task, reply, last))

    def _fitted(self, task: Task) -> tuple[list[Hit], tuple[Message, ...]]:
        """The passages and messages that fit the model's window: the oldest turns go first, then the last passages.

        Without this a conversation in a small window grows until every further question is refused.
        """
        room = self._model.context_tokens - self._model.reply_tokens
        hits = packed(task.result.hits[: self._settings.passages], room)
        conversation = task.turn.conversation
        while True:
            messages = task.role.messages(task.turn.question, conversation, hits)
            if fits(messages, room) or (not conversation and len(hits) <= 1):
                return hits, messages
            if conversation:
                conversation = conversation[2:]
            else:
                hits = hits[:-1]

    async def _said(self, claimed: Claimed, reply: "_Reply") -> Sequence[ChatEvent]:
        """The events of one sentence of the model's: none where it is not said, or not yet."""
        if reply.is_new(claimed):
            if not self._makes_claim(claimed.text):
                reply.introduce(claimed)
            else:
                chunks = [hit.chunk for hit in reply.hits]
                found = await self._grounder.check(
                    claimed.text,
                    [chunk.text for chunk in chunks],
                    [breadcrumb(chunk.title, chunk.heading_path) for chunk in chunks],
                )
                return list(reply.say(claimed, found))
        return ()

    def _answer(self, task: Task, reply: "_Reply", last: ModelPart) -> Answer:
        notes = list(task.result.notes)
        if last.finish == "length":
            notes.append("The model's reply was cut at llm.reply_tokens.")
        if reply.withheld:
            notes.append(f"{len(reply.withheld)} of the model's sentences were withheld: no passage supports them.")
        usual: dict[str, Any] = {
            "model": self._model.name,
            "prompt": task.role.id,
            "usage": last.usage or Usage(),
            "notes": tuple(notes),
            "dropped_markers": reply.dropped,
            "withheld": tuple(reply.withheld),
        }
        if reply.citations:
            return task.answer("answered", reply.text, tuple(reply.citations), **usual)
        why = (
            "The model said that the passages do not answer the question."
            if reply.declined
            else "Nothing the model wrote is supported by the passages."
        )
        return task.answer("abstained", task.role.say("abstained"), reason=why, **usual)


_SHORT = 12
"""Characters: "no" stands in many abstentions."""
_MOST_REPEATS = 3
"""A small model that has begun to go round in circles does not stop by itself."""


@dataclass(slots=True)
class _Reply:
    """The answer as far as it has been said."""

    hits: Sequence[Hit]
    abstention: str
    least: int
    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    dropped: int = 0
    declined: bool = False
    repeats: int = 0
    _introduction: str = ""
    _seen: set[str] = field(default_factory=set)

    def is_new(self, claimed: Claimed) -> bool:
        """Whether it is to be looked at: not empty, not the abstention, not said before. Counts invented markers."""
        self.dropped += sum(not 1 <= number <= len(self.hits) for number in claimed.markers)
        words = fold(claimed.text).replace("’", "'")
        if not words:
            return False
        if words.startswith("i don't know") or (
            len(words) > _SHORT and words.rstrip(".!") in fold(self.abstention).replace("’", "'")
        ):
            self.declined = True
            return False
        if words in self._seen:
            self.repeats += 1
            return False
        self.repeats = 0
        self._seen.add(words)
        return True

    def introduce(self, claimed: Claimed) -> None:
        """Keeps a sentence that claims nothing until one follows that does: alone it is no answer."""
        self._introduction += claimed.lead + unmarked(claimed.text)

    def say(self, claimed: Claimed, found: Sequence[Grounding]) -> Iterator[ChatEvent]:
        """Text and citations of a claim, or nothing where it must be withheld."""
        chosen = self._chosen(claimed, found)
        if not chosen:
            self.withheld.append(claimed.text)
            self._introduction = ""
            return
        lead = self._introduction + claimed.lead
        self._introduction = ""
        lead = lead if self.text else lead.lstrip()
        if self.text and not lead:
            lead = " "
        words = unmarked(claimed.text)
        start = len(self.text) + len(lead)
        citations = [
            cited(
                self.hits[i],
                found[i].start,
                found[i].end,
                len(self.citations) + k,
                (start, start + len(words)),
                found[i].support,
            )
            for k, i in enumerate(chosen, start=1)
        ]
        piece = lead + words + " " + "".join(f"[{citation.n}]" for citation in citations)
        self.text += piece
        self.citations += citations
        yield Delta(piece)
        for citation in citations:
            yield Cited(citation)

    def _chosen(self, claimed: Claimed, found: Sequence[Grounding]) -> list[int]:
        """Which passages to cite: those it names that support it, else the one that supports it best."""
        good = [i for i, each in enumerate(found) if _WORTH[each.support] >= self.least]
        named = [number - 1 for number in claimed.markers if number - 1 in good]
        strongest = max((_WORTH[found[i].support] for i in good), default=0)
        if any(_WORTH[found[i].support] == strongest for i in named):
            return named[:_MOST_CITED]
        return sorted(good, key=lambda i: (-_WORTH[found[i].support], -found[i].score))[:1]
