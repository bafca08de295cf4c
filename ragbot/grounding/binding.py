"""Whether a claim joins what the text keeps apart: one plan's price and another plan's name."""

from collections.abc import Container, Sequence

from ragbot.grounding.polarity import denials
from ragbot.grounding.quantities import Quantity, quantities
from ragbot.grounding.statements import Clause, Statement
from ragbot.grounding.units import Unit
from ragbot.grounding.words import LIGHT_WEIGHT, akin, clean, stems, weight, words

_KEY_SHARE = 0.5
_MILD = 0.2


def contradicts(claim: Statement, own: Statement, introduced: Statement) -> bool:
    """Whether one of the two denies directly what the other says."""
    if own.held and own.held == claim.held and own.denials.cues != claim.denials.cues:
        return True
    heads = (own.denials.heads | introduced.denials.heads - own.held) & claim.held - claim.denials.within
    if any(head not in own.denials.heads or _denied_where_it_matters(head, claim, own) for head in heads):
        return True
    both = claim.denials.heads & own.denials.within
    if any(_denials_of(head, claim) != _denials_of(head, own) for head in both if _says(head, claim, own)):
        return True
    denied = own.denials.within | introduced.denials.within
    return bool(claim.denials.heads & (own.held | introduced.held) - denied)


def _denied_where_it_matters(head: str, claim: Statement, own: Statement) -> bool:
    """A text that says a word twice, once denied, is judged by the clause nearest to the claim."""
    clauses = [clause for clause in own.clauses if head in clause.stems]
    if len(clauses) < 2 or _says(head, claim, own):
        return True
    shared = [len(claim.held.intersection(clause.stems)) for clause in clauses]
    nearest = [clause for clause, count in zip(clauses, shared, strict=True) if count == max(shared)]
    return any(head in _denials(clause, own) for clause in nearest)


def _says(head: str, claim: Statement, own: Statement) -> bool:
    """Whether the claim says a word in as many clauses as the text, more than once."""
    count = sum(head in clause.stems for clause in own.clauses)
    return 1 < count <= sum(head in clause.stems for clause in claim.clauses)


def _denials_of(head: str, statement: Statement) -> int:
    return sum(head in _denials(clause, statement) for clause in statement.clauses)


def _denials(clause: Clause, statement: Statement) -> frozenset[str]:
    return denials(statement.tokens[clause.start : clause.end]).within


def misattributed(claim: Statement, figures: Sequence[Quantity], units: Sequence[Unit]) -> bool:
    """Whether a figure of the claim stands in the text with another subject."""
    return any(
        _other_column(claim, figures, unit)
        if unit.kind == "row"
        else any(_other_clause(claim, figure, unit.own) for figure in figures)
        for unit in units
    )


def other_subject(claim: Statement, units: Sequence[Unit], passage: Sequence[Unit]) -> bool:
    """Whether table rows are about something else than the claim: their first cells say what.

    It is so where a row's is not in the claim, or another row's is.
    """
    rows = [unit for unit in units if unit.kind == "row"]
    if any((key := _said(row.subject)) and len(key & claim.held) <= _KEY_SHARE * len(key) for row in rows):
        return not all(_said(row.subject) <= claim.held for row in rows)
    held = frozenset[str]().union(*(row.held for row in rows))
    others = (unit for unit in passage if rows and unit.kind == "row" and unit.header == rows[0].header)
    return any((key := _said(other.subject)) and key <= claim.held and not key <= held for other in others)


def swapped(claim: Sequence[str], texts: Sequence[Sequence[str]], fixed: Container[str], idle: Container[str]) -> float:
    """How far the text has another word where the claim has one of its own, between the same two neighbours.

    1.0 where that word is the first, a figure or a name, less for any other. Words that the text has elsewhere count
    only if they are figures or ``fixed`` (names, which do not change places); ``idle`` ones never do.
    """
    between, behind, ahead = _neighbourhoods(texts)
    held = {word for text in texts for word in text}
    said = set(claim)
    line = ["", *claim, ""]
    worst = 0.0
    for a, x, b in zip(line, line[1:], line[2:], strict=False):
        there = between.get((a, b), set())
        bound = x in fixed or x.isdigit()
        if x in there or x in idle or (x in held and not bound):
            continue
        at_edge = ahead.get(b, set()) if not a else behind.get(a, set()) if not b else set()
        if x in at_edge:
            continue
        others = there if a and (x not in held or x.isdigit()) else there - said
        others = others if x in held else others | (at_edge - said)
        if any(not akin(x, y) and max(weight(x), weight(y)) > LIGHT_WEIGHT for y in others):
            worst = max(worst, 1.0 if bound or not a else _MILD)
    return worst


def _neighbourhoods(
    texts: Sequence[Sequence[str]],
) -> tuple[dict[tuple[str, str], set[str]], dict[str, set[str]], dict[str, set[str]]]:
    """The words between two others, behind one and ahead of one; the ends of a text are empty words."""
    between: dict[tuple[str, str], set[str]] = {}
    behind: dict[str, set[str]] = {}
    ahead: dict[str, set[str]] = {}
    for text in texts:
        line = ["", *text, ""]
        for a, x, b in zip(line, line[1:], line[2:], strict=False):
            between.setdefault((a, b), set()).add(x)
            behind.setdefault(a, set()).add(x)
            ahead.setdefault(b, set()).add(x)
    return between, behind, ahead


def _other_clause(claim: Statement, figure: Quantity, own: Statement) -> bool:
    """In "Basic costs $10 and Pro costs $20", $10 is not Pro's: Pro's clause has a price of its own."""
    asked = next((clause for clause in claim.clauses if _figure_in(figure, clause, claim)), None)
    homes = [clause for clause in own.clauses if _figure_in(figure, clause, own)]
    if asked is None or not homes:
        return False
    return all(
        _has_rival(home, asked, own, claim)
        and any(
            clause is not home
            and set(clause.stems) & (set(asked.stems) - set(home.stems))
            and any(_rivals(own.quantities[i], figure) for i in clause.figures)
            for clause in own.clauses
        )
        for home in homes
    )


def _has_rival(home: Clause, asked: Clause, own: Statement, claim: Statement) -> bool:
    """Whether the figure's own clause is about something the claim does not speak of."""
    return any(stem not in claim.held for stem in home.stems[:2])


def _figure_in(figure: Quantity, clause: Clause, statement: Statement) -> bool:
    return any(figure.held_by([statement.quantities[i]]) == 1.0 for i in clause.figures)


def _rivals(other: Quantity, figure: Quantity) -> bool:
    return other.dimension == figure.dimension and not figure.held_by([other])


def _other_column(claim: Statement, figures: Sequence[Quantity], unit: Unit) -> bool:
    """Whether the claim names another column than the one its figure stands in."""
    row = unit.text.split(" | ")
    if len(unit.header) != len(row):
        return False
    columns = [_said(cell) for cell in unit.header]
    named = {i for i in range(1, len(row)) if _own_words(columns, i) & claim.held}
    for figure in figures if named else ():
        homes = {i for i, cell in enumerate(row) if figure.held_by(quantities(clean(cell)))}
        if homes and not homes & (named | {0}) and all(_own_words(columns, i) for i in homes):
            return True
    return False


def _own_words(columns: Sequence[frozenset[str]], i: int) -> frozenset[str]:
    """The words of a column's header that no other header has."""
    return columns[i].difference(*(other for j, other in enumerate(columns) if j != i))


def _said(cell: str) -> frozenset[str]:
    return frozenset(stems(words(clean(cell))))
