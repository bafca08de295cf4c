"""From chosen sentences to an answer: joined readably, each run of a source followed by its marker."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragbot.core.sentences import Kind
from ragbot.core.text import quoted_text
from ragbot.core.types import Citation, Hit, Support

_MARKER = re.compile(r"\[(\d+)\]")
_INDEX = re.compile(r"(?<=[A-Za-z_\])])\[(\d+)\]")


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


def compose(quotes: Sequence[Quote]) -> list[tuple[str, Citation]]:
    """The answer piece by piece, each with its citation, numbered in order; quotes keep the order they are given in."""
    pieces: list[tuple[str, Citation]] = []
    length = 0
    previous: Quote | None = None
    for n, quote in enumerate(quotes, start=1):
        joint = _joint(previous, quote)
        words = unmarked(quoted_text(quote.text) if quote.kind != "code" else f"`{quote.text.strip()}`")
        start = length + len(joint)
        piece = f"{joint}{words} [{n}]"
        pieces.append((piece, cited(quote.hit, quote.start, quote.end, n, (start, start + len(words)), "supported")))
        length += len(piece)
        previous = quote
    return pieces


def unmarked(words: str) -> str:
    """A document's own [3] must not pass for one of our markers: it becomes (3), in code such as a[1] a[ 1 ]."""
    return _MARKER.sub(r"(\1)", _INDEX.sub(r"[ \1 ]", words))


def _joint(previous: Quote | None, quote: Quote) -> str:
    listed = quote.kind in ("item", "row", "code")
    if previous is None:
        return "- " if quote.kind == "item" else ""
    if quote.kind == "item":
        return "\n- " if quote.block != previous.block or previous.hit is not quote.hit else " "
    if quote.kind == "prose" and previous.kind in ("item", "row", "code"):
        return "\n\n"  # on the next line it would be read as part of the item
    same_place = previous.hit is quote.hit and not listed and previous.kind == "prose"
    return " " if same_place else "\n"


def cited(hit: Hit, start: int, end: int, n: int, said: tuple[int, int], support: Support) -> Citation:
    """The canonical citation of ``hit.chunk.text[start:end]`` for the characters ``said`` of the answer."""
    chunk = hit.chunk
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
        quote=chunk.text[start:end],
        char_start=chunk.char_start + start,
        char_end=chunk.char_start + end,
        answer_start=said[0],
        answer_end=said[1],
        score=hit.score,
        support=support,
    )
