"""Cutting light Markdown into sentences that can be quoted, each with its exact place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["prose", "item", "row", "code"]

_LINE = re.compile(r"[^\n]+")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]")
_RULE = re.compile(r"[ \t]*+(?:\|?[ \t]*:?-{3,}.*|[-*_=][ \t]*(?:[-*_=][ \t]*){2,})$")
_TABLE_RULE = re.compile(r"[ \t]*+\|?[ \t]*:?-{3,}.*\|")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+")
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*[ \t\n]+(?=[\"'“‘(\[*_]*[A-Z0-9À-ÞΑ-ΩА-Я]|`)|(?<=[。！？])[ \t\n]*")
ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|no|nos|fig|mr|mrs|ms|dr|prof|st|inc|ltd|co|corp|dept|approx|al|u\.s|a\.m|p\.m|jan|feb"
    r"|mar|apr|jun|jul|aug|sept?|oct|nov|dec)|\b[A-Z])\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text[start:end]`` of the cut text. ``block`` numbers the paragraph, list item or row it stands in."""

    start: int
    end: int
    block: int
    kind: Kind


def sentences(text: str) -> list[Sentence]:
    """Sentences, list items and table rows in order; headings, table heads, rules and blank lines are left out."""
    found: list[Sentence] = []
    for block, (start, end, kind) in enumerate(_blocks(text)):
        spans = _prose(text, start, end) if kind in ("prose", "item") else [(start, end)]
        found.extend(Sentence(a, b, block, kind) for a, b in spans if b > a)
    return found


def _blocks(text: str) -> Iterator[tuple[int, int, Kind]]:
    """Paragraphs, items with their continuation lines, rows, and code lines."""
    open_block: tuple[int, int, Kind] | None = None
    fenced = False
    previous_end = -1
    for line in _LINE.finditer(text):
        start, end = line.span()
        blank_before = "\n" in text[previous_end:start].strip(" \t") and text[previous_end:start].count("\n") > 1
        previous_end = end
        kind = _kind(line[0], fenced)
        if kind == "fence":
            fenced = not fenced
        if open_block is not None and open_block[2] == "row" and _TABLE_RULE.match(line[0]):
            open_block = None  # a table's head says nothing by itself
        joins = open_block is not None and kind == "prose" and open_block[2] in ("prose", "item") and not blank_before
        if joins and open_block is not None:
            open_block = (open_block[0], end, open_block[2])
            continue
        if open_block is not None:
            yield _trimmed(text, open_block)
            open_block = None
        if kind in ("prose", "item", "row", "code"):
            open_block = (start, end, kind)  # type: ignore[assignment]
    if open_block is not None:
        yield _trimmed(text, open_block)


def _kind(line: str, fenced: bool) -> str:
    if _FENCE.match(line):
        return "fence"
    if fenced:
        return "code"
    if not line.strip() or _HEADING.match(line) or _RULE.match(line):
        return "none"
    if line.lstrip().startswith("|"):
        return "row"
    return "item" if _ITEM.match(line) else "prose"


def _trimmed(text: str, block: tuple[int, int, Kind]) -> tuple[int, int, Kind]:
    start, end, kind = block
    if kind == "item":
        marker = _ITEM.match(text, start, end)
        start = marker.end() if marker else start
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end, kind


def _prose(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _END.finditer(text, start, end):
        if ABBREVIATION.search(text[max(begin, match.start() - 8) : match.start()]):
            continue
        stop = match.start() + len(match[0].rstrip())
        spans.append((begin, stop))
        begin = match.end()
    spans.append((begin, end))
    return spans
