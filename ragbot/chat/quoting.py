"""From chosen sentences to an answer: joined readably, each run of a source followed by its marker."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragbot.core.sentences import Kind
from ragbot.core.text import plain_text
from ragbot.core.types import Citation, Hit

_MARKER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Quote:
    """``hit.chunk.text[start:end]``, a sentence, list item, table row or line of code."""

    hit: Hit
    start: int
    end: int
    block: int
    kind: Kind

    @property
    def text(self) -> str:
        return self.hit.chunk.text[self.start : self.end]


def compose(quotes: Sequence[Quote]) -> tuple[str, tuple[Citation, ...]]:
    """The answer's text and its citations, numbered in order; quotes keep the order they are given in."""
    parts: list[str] = []
    citations: list[Citation] = []
    length = 0
    previous: Quote | None = None
    for n, quote in enumerate(quotes, start=1):
        joint = _joint(previous, quote)
        words = _unmarked(plain_text(quote.text) if quote.kind != "code" else f"`{quote.text.strip()}`")
        start = length + len(joint)
        parts.append(f"{joint}{words} [{n}]")
        length += len(parts[-1])
        citations.append(_citation(n, quote, start, start + len(words)))
        previous = quote
    return "".join(parts), tuple(citations)


def _unmarked(words: str) -> str:
    """A document's own [3] must not pass for one of our markers: it becomes [ 3 ]."""
    return _MARKER.sub(r"[ \1 ]", words)


def _joint(previous: Quote | None, quote: Quote) -> str:
    listed = quote.kind in ("item", "row", "code")
    if previous is None:
        return "- " if quote.kind == "item" else ""
    if quote.kind == "item":
        return "\n- " if quote.block != previous.block or previous.hit is not quote.hit else " "
    same_place = previous.hit is quote.hit and not listed and previous.kind == "prose"
    return " " if same_place else "\n"


def _citation(n: int, quote: Quote, answer_start: int, answer_end: int) -> Citation:
    chunk = quote.hit.chunk
    return Citation(
        n=n,
        source=chunk.source,
        document_id=chunk.document_id,
        revision=chunk.revision,
        title=chunk.title,
        uri=chunk.uri,
        page_start=chunk.page_start,
        page_end=chunk.page_end,
        heading_path=chunk.heading_path,
        quote=quote.text,
        char_start=chunk.char_start + quote.start,
        char_end=chunk.char_start + quote.end,
        answer_start=answer_start,
        answer_end=answer_end,
        score=quote.hit.score,
        support="supported",
    )
