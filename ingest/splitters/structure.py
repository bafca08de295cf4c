"""Splitting by structure first, then by the embedder's tokens: nothing is ever truncated silently."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ingest.splitters.sections import Section, joined, sections
from ragbot.core.text import breadcrumb, embedding_text, plain_text
from ragbot.core.types import Chunk, Document

if TYPE_CHECKING:
    from ragbot.core.ports import TokenCounter

VERSION = 2
_SEPARATORS = [
    r"\n{2,}",
    r"\n",
    r"[.!?][\"')\]]*[ \t]+|[。！？]",
    r"[;:,][ \t]+|[，；]",
    r"[ \t]+",
    r"\S{100}",  # before single characters: a megabyte without a space would be measured a million times
    "",
]


class StructureSplitter:
    """A ``Splitter``: sections along headings, long ones cut between paragraphs, lines, sentences, words.

    ``chunk_tokens`` counts what the embedder reads: title, heading path, words and special tokens.
    """

    def __init__(self, tokens: "TokenCounter", *, chunk_tokens: int = 220, merge_tokens: int = 40) -> None:
        self._tokens = tokens
        self._most = min(chunk_tokens, tokens.max_tokens)
        self._small = merge_tokens
        self.fingerprint = f"structure@{VERSION}:{self._most}:{merge_tokens}"

    def split(self, document: Document) -> list[Chunk]:
        text = document.text
        parts = joined(sections(document), text, self._count, self._small, self._most - 2)
        chunks: list[Chunk] = []
        for part in parts:
            context = self._context(document.title, part.path)
            for start, end in self._spans(text, part, context):
                first, last = _pages(document, start, end)
                chunks.append(Chunk(len(chunks), text[start:end], start, end, first, last, part.path, context))
        return chunks

    def _spans(self, text: str, part: Section, context: str) -> Iterator[tuple[int, int]]:
        """Character spans without surrounding white space, each short enough with its context."""
        start = part.start
        body = part.body + len(text[part.body : part.end]) - len(text[part.body : part.end].lstrip())
        for piece in self._section_pieces(text[part.start : body], text[body : part.end], context):
            stripped = piece.strip()
            if stripped:
                offset = start + piece.index(stripped[0])
                yield offset, offset + len(stripped)
            start += len(piece)

    def _section_pieces(self, head: str, body: str, context: str) -> Iterator[str]:
        """A section's headings and body in pieces that fit; the headings stay with the words they introduce."""
        if not body.strip() or self._fits(context, head + body):
            yield from self._pieces(head + body, context)
            return
        reserved = self._words_count(head)
        if not head.strip() or reserved > self._most // 3:
            yield from self._pieces(head + body, context)
            return
        pieces = self._pieces(body, context, reserved)
        first = next(pieces)
        yield from self._pieces(head + first, context)
        yield from pieces

    def _pieces(self, text: str, context: str, reserved: int = 0) -> Iterator[str]:
        """``text`` in pieces that fit and leave room for ``reserved`` tokens; joined they are ``text`` again."""
        if not reserved and self._fits(context, text):
            yield text
            return
        room = self._most - self._count(context) - reserved
        for piece in self._recursive(max(16, room - 2)).split_text(text):
            if self._fits(context, piece) or len(piece) < 2:
                yield piece
            else:
                # Joining two pieces can make a longer token sequence than the sum of both.
                middle = len(piece) // 2
                yield from self._pieces(piece[:middle], context)
                yield from self._pieces(piece[middle:], context)

    def _recursive(self, size: int) -> Any:
        return self._splitter_class(
            separators=_SEPARATORS,
            is_separator_regex=True,
            keep_separator="end",
            chunk_size=size,
            chunk_overlap=0,
            length_function=self._words_count,
            strip_whitespace=False,
        )

    @cached_property
    def _splitter_class(self) -> Any:
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        return RecursiveCharacterTextSplitter

    def _context(self, title: str, path: tuple[str, ...]) -> str:
        """Title and heading path, shortened from its outer end to a third of the chunk."""
        parts = [part for part in (title, *path) if part]
        while len(parts) > 1 and self._count(breadcrumb(parts[0], parts[1:])) > self._most // 3:
            parts.pop(0)
        context = breadcrumb(parts[0], parts[1:]) if parts else ""
        while context and self._count(context) > self._most // 3:
            context = context[: len(context) * 2 // 3].rstrip()
        return context

    def _fits(self, context: str, text: str) -> bool:
        return self._tokens.count([embedding_text(context, text)])[0] <= self._most

    def _count(self, text: str) -> int:
        return self._tokens.count([text])[0] - 2

    def _words_count(self, text: str) -> int:
        # Never 0: LangChain's splitter carries what weighs nothing over into the next piece, and repeats it there.
        return max(1, self._tokens.count([plain_text(text)])[0] - 2)


def _pages(document: Document, start: int, end: int) -> tuple[int | None, int | None]:
    if not document.pages:
        return None, None
    starts = [page.char_start for page in document.pages]
    first = document.pages[max(0, bisect_right(starts, start) - 1)]
    last = document.pages[max(0, bisect_right(starts, max(start, end - 1)) - 1)]
    return first.number, last.number
