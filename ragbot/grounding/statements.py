"""A sentence taken apart: its words, clauses, figures, names and exact strings, and what it denies."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ragbot.grounding.polarity import NEGATIVE_FORMS, Denials, denials, poles
from ragbot.grounding.quantities import Quantity, quantities
from ragbot.grounding.words import WORD, stem, words

_TOKEN = re.compile(rf"{WORD}|[,;:()|.!?—–\n\"]")
_LIST_MARKER = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)]|[a-z]\))\s+")
_SPLITS = frozenset({",", ";", ":", "(", ")", "|", "—", "–", "and", "but", "while", "whereas", "although", "though"})
_OPENERS = frozenset({".", "!", "?", ":", ";", "(", "|", "\n", '"'})
_SHORTEST_CLAUSE = 3


@dataclass(frozen=True, slots=True)
class Name:
    """A word that names something, case folded, in the clause numbered so."""

    folded: str
    stem: str
    clause: int


@dataclass(frozen=True, slots=True)
class Clause:
    """``tokens[start:end]`` between commas and conjunctions. ``figures`` index the statement's quantities."""

    start: int
    end: int
    stems: tuple[str, ...]
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says, for comparing. ``stems`` leave out stop words and what the quantities stand for.

    ``measures`` are the words that spell a quantity: its digits and unit, the month of a date.
    """

    text: str
    stems: tuple[str, ...]
    held: frozenset[str]
    folded: frozenset[str]
    tokens: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    names: tuple[Name, ...]
    clauses: tuple[Clause, ...]
    measures: frozenset[str]
    denials: Denials
    poles: Mapping[int, set[int]]


class _Token(NamedTuple):
    folded: str
    stem: str
    figure: int | None
    named: bool


def read(cleaned: str) -> Statement:
    """Takes a cleaned text apart."""
    marker = _LIST_MARKER.match(cleaned)
    cleaned = cleaned[marker.end() :] if marker else cleaned
    figures = quantities(cleaned)
    tokens = list(_tokens(cleaned, figures))
    clauses, clause_of = _clauses(tokens)
    said = [token for token in tokens if token.stem and token.figure is None]
    folded = [token.folded for token in tokens]
    return Statement(
        text=" ".join(cleaned.casefold().replace("*", "").replace("`", "").split()),
        tokens=tuple(folded),
        stems=tuple(token.stem for token in said),
        held=frozenset(token.stem for token in tokens if token.stem),
        folded=frozenset(folded),
        quantities=tuple(figures),
        names=tuple(
            Name(token.folded, token.stem, clause_of[i])
            for i, token in enumerate(tokens)
            if token.named and token.figure is None
        ),
        clauses=clauses,
        measures=frozenset(token.stem for token in tokens if token.figure is not None),
        denials=denials(folded, cleaned),
        poles=poles(folded),
    )


def merged(statements: Sequence[Statement]) -> Statement:
    """Several statements as one, without reading them again."""
    if len(statements) == 1:
        return statements[0]
    tokens: list[str] = []
    figures: list[Quantity] = []
    clauses: list[Clause] = []
    sides: dict[int, set[int]] = {}
    for each in statements:
        shift, count = len(tokens), len(figures)
        clauses += [
            Clause(clause.start + shift, clause.end + shift, clause.stems, tuple(i + count for i in clause.figures))
            for clause in each.clauses
        ]
        tokens += each.tokens
        figures += each.quantities
        for group, poles_of in each.poles.items():
            sides[group] = sides.get(group, set()) | poles_of
    denied = [each.denials for each in statements]
    return Statement(
        text=" ".join(each.text for each in statements),
        tokens=tuple(tokens),
        stems=tuple(stemmed for each in statements for stemmed in each.stems),
        held=frozenset().union(*(each.held for each in statements)),
        folded=frozenset(tokens),
        quantities=tuple(figures),
        names=tuple(name for each in statements for name in each.names),
        clauses=tuple(clauses),
        measures=frozenset().union(*(each.measures for each in statements)),
        denials=Denials(
            frozenset().union(*(each.heads for each in denied)),
            frozenset().union(*(each.within for each in denied)),
            sum(each.cues for each in denied),
            any(each.unplaced for each in denied),
        ),
        poles=sides,
    )


def _tokens(cleaned: str, figures: list[Quantity]) -> Iterator[_Token]:
    plain = cleaned.isascii()
    opening = True
    matches = list(_TOKEN.finditer(cleaned))
    spans = iter([(number, figure) for number, figure in enumerate(figures) if not figure.soft])
    number, figure = next(spans, (-1, None))
    for i, match in enumerate(matches):
        raw, start = match[0], match.start()
        while figure is not None and start >= figure.end:
            number, figure = next(spans, (-1, None))
        inside = number if figure is not None and start >= figure.start else None
        if not raw[0].isalnum():
            if inside is None:
                opening = raw in _OPENERS
                yield _Token(raw, "", None, False)
            continue
        folded = raw.casefold().removesuffix("'s")
        found = raw if raw == "A" and not opening else stem(NEGATIVE_FORMS.get(folded, folded))
        named = bool(found) and raw != folded and (_is_name(raw, opening) or _opens_name(matches, i))
        if plain:
            yield _Token(folded, found, inside, named)
        else:
            for part in words(raw):
                yield _Token(part, found if part == folded else stem(part), inside, named)
        opening = False


def _is_name(raw: str, opening: bool) -> bool:
    inner = raw[1:]
    return (not opening and raw[0].isupper()) or inner != inner.lower()


def _opens_name(matches: Sequence[re.Match[str]], i: int) -> bool:
    """Whether a capital at the beginning belongs to a name because the next word has one too."""
    if i + 1 == len(matches) or matches[i + 1].start() != matches[i].end() + 1:
        return False
    following = matches[i + 1][0]
    return following[0].isupper() and bool(stem(following.casefold()))


def _clauses(tokens: list[_Token]) -> tuple[tuple[Clause, ...], list[int]]:
    """The clauses, and which one each token stands in; what is too short to be one ("In Acme Chat,") joins another."""
    groups: list[list[_Token]] = [[]]
    numbers: list[int] = []
    said = 0
    for token in tokens:
        if token.folded in _SPLITS and said >= _SHORTEST_CLAUSE:
            groups.append([])
            said = 0
        said += (token.stem != "") * (1 if token.figure is None else 2)
        groups[-1].append(token)
        numbers.append(len(groups) - 1)
    if len(groups) > 1 and said < _SHORTEST_CLAUSE:
        rest = groups.pop()
        groups[-1] += rest
        numbers = [min(number, len(groups) - 1) for number in numbers]
    starts = [0]
    for group in groups:
        starts.append(starts[-1] + len(group))
    return tuple(
        Clause(
            starts[i],
            starts[i + 1],
            tuple(token.stem for token in group if token.stem and token.figure is None),
            tuple(dict.fromkeys(token.figure for token in group if token.figure is not None)),
        )
        for i, group in enumerate(groups)
    ), numbers
