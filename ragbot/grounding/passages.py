"""A passage cut into what can be quoted, each piece with what it borrows: its heading, the line that introduces its
list, its table's head, and the sentence before it where it begins with "it" or "this".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ragbot.core.sentences import Sentence, sentences
from ragbot.grounding.units import Pair, Unit, cells, neighbours
from ragbot.grounding.words import clean, stems, words

_HEADING = re.compile(r"^[ \t]*(#{1,6})[ \t]+(.*)$", re.MULTILINE)
_TABLE_HEAD = re.compile(r"^[ \t]*(\|[^\n]*)\n[ \t]*\|?[ \t:]*-{3,}[^\n]*$", re.MULTILINE)
_POINTS_BACK = re.compile(
    r"[\"'(*_]*(?:it|its|they|them|their|these|this|that|those|he|she|his|her|both|such|each|here|there|then|also"
    r"|otherwise|instead|if so|if not|in this case|in that case)\b",
    re.IGNORECASE,
)
_TITLE_LENGTH = 80
_TITLE_LEVEL = 7
_LENT_LENGTH = 400


@dataclass
class PassageText:
    """A passage taken apart; what is costly is done when it is asked for."""

    text: str
    units: list[Unit]

    @cached_property
    def folded(self) -> str:
        """The whole text, case folded."""
        return clean(self.text).casefold()

    @cached_property
    def held(self) -> frozenset[str]:
        """Every stem in it."""
        return self.heading_stems.union(*(unit.held for unit in self.units))

    @cached_property
    def pairs(self) -> frozenset[Pair]:
        """Every two stems that are neighbours in it."""
        return frozenset[Pair]().union(*(neighbours(unit.quick) for unit in self.units))

    @cached_property
    def heading_stems(self) -> frozenset[str]:
        """Every stem of a heading."""
        return frozenset(stems(words(clean(" ".join({unit.heading for unit in self.units})))))


def take_apart(text: str, context: str = "") -> PassageText:
    """Cuts a passage; ``context``, such as its title and heading path, counts as a heading over all of it."""
    return PassageText(text, list(_units(text, context)))


def _units(text: str, context: str) -> Iterator[Unit]:
    cut = sentences(text)
    headings = [(match.start(), len(match[1]), match[2].strip()) for match in _HEADING.finditer(text)]
    heads = [(match.end(), match[1]) for match in _TABLE_HEAD.finditer(text)]
    over: list[tuple[int, str]] = [(0, context)] if context else []
    lender = _Lender(text, heads)
    for i, each in enumerate(cut):
        while headings and headings[0][0] < each.start:
            _, level, title = headings.pop(0)
            over = [*(entry for entry in over if entry[0] < level), (level, title)]
            lender = _Lender(text, heads)
        unit = Unit(each.start, each.end, each.block, each.kind, clean(text[each.start : each.end]))
        unit.heading = " > ".join(title for _, title in over)
        lender.lend(unit, cut[i + 1] if i + 1 < len(cut) else None)
        unit.finish()
        if _is_title(text, cut, i):
            title = text[each.start : each.end].strip(" *_:")
            over = [*(entry for entry in over if entry[0] < _TITLE_LEVEL), (_TITLE_LEVEL, title)]
        yield unit


class _Lender:
    """What the sentences since the last heading lend to the next one."""

    def __init__(self, text: str, heads: Sequence[tuple[int, str]]) -> None:
        self._text = text
        self._heads = heads
        self._previous: Unit | None = None
        self._lead = ""
        self._lead_start: int | None = None
        self._open_items: list[tuple[int, str]] = []

    def lend(self, unit: Unit, following: Sentence | None) -> None:
        previous = self._previous
        if unit.kind == "row":
            unit.header = self._header(unit)
            unit.lent = self._lead
        elif unit.kind == "item":
            unit.lent = " ".join([self._lead, *self._parents(unit)]).strip()
            unit.lead_start = self._lead_start
        elif unit.kind == "prose":
            introduces = following is not None and following.kind in ("item", "row") and following.block != unit.block
            self._lead, self._lead_start = (unit.text, unit.start) if introduces else ("", None)
            self._open_items = []
        if previous is not None and unit.kind in ("prose", "item") and _POINTS_BACK.match(unit.text):
            unit.back = f"{previous.back} {previous.text}".strip()[-_LENT_LENGTH:]
            self._lead = f"{unit.back} {self._lead}" if unit.kind == "prose" and self._lead else self._lead
        unit.lent = unit.lent[-_LENT_LENGTH:]
        self._previous = unit

    def _header(self, unit: Unit) -> tuple[str, ...]:
        """The cells of the nearest table head above a row, if no blank line parts them."""
        above = [head for head in self._heads if head[0] <= unit.start]
        return cells(above[-1][1]) if above and "\n\n" not in self._text[above[-1][0] : unit.start] else ()

    def _parents(self, unit: Unit) -> list[str]:
        """The items an item stands under, by its indent; for an item's later sentences, those before them."""
        if self._previous is None or self._previous.block != unit.block:
            line = self._text[self._text.rfind("\n", 0, unit.start) + 1 : unit.start]
            indent = len(line) - len(line.lstrip())
            self._open_items = [entry for entry in self._open_items if entry[0] < indent]
            parents = [said for _, said in self._open_items]
            self._open_items.append((indent, unit.text))
            return parents
        return [said for _, said in self._open_items]


def _is_title(text: str, cut: Sequence[Sentence], i: int) -> bool:
    """A short line of its own that ends like no sentence stands over what follows."""
    each = cut[i]
    alone = all(cut[j].block != each.block for j in (i - 1, i + 1) if 0 <= j < len(cut))
    said = text[each.start : each.end].strip(" *_")
    return each.kind == "prose" and alone and len(said) <= _TITLE_LENGTH and said[-1:].isalnum() and "\n" not in said
