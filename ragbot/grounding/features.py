"""What speaks for and against a claim in a piece of a passage: figures in [0, 1] that anyone can check by reading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from ragbot.grounding.binding import contradicts, misattributed, other_subject, swapped
from ragbot.grounding.exact import exact_strings, holds
from ragbot.grounding.passages import PassageText
from ragbot.grounding.polarity import EXCEPTIONS, opposed, reversed_words, stricter, unsaid
from ragbot.grounding.quantities import Quantity, unit_named
from ragbot.grounding.statements import Clause, Name, Statement, merged, read
from ragbot.grounding.units import Pair, Unit, neighbours
from ragbot.grounding.words import AKIN_PREFIX, LIGHT_WEIGHT, akin, clean, stems, weight, words

_NEARLY, _SPELLED, _BORROWED, _AKIN, _ELSEWHERE, _REFERRED, _RIVALLED = 0.9, 0.85, 0.85, 0.7, 0.8, 0.6, 0.3
_ENUMERATOR = re.compile(r"(?<=[.:;!?])\s+\d{1,3}\.$")
_LABEL = re.compile(r"[-*+\s\d.]*(?:\*\*[^*\n]{2,80}\*\*\s*:|\*\*[^*\n]{2,80}:\s*\*\*)")
_SIGNS = re.compile(r"[$€£¥₹%<>=≤≥±+]|(?<=\d)\.(?=\d)|(?<![\w-])-(?=\d)")
_FIGURE_WEIGHT = 1.5
_CLAUSE_COVERED = 0.7


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim taken apart. ``quick`` are its stems in order, cut like a passage's units; ``weights`` sum up to 1."""

    spelling: list[str]
    said: Statement
    exact: tuple[str, ...]
    quick: tuple[str, ...]
    weights: tuple[tuple[str, float], ...]
    pairs: frozenset[Pair]
    figures: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One claim against one piece of a passage.

    ``covered`` is the weighted share of the claim's words in the piece, ``pairs`` that of its neighbouring words;
    ``whole`` and ``whole_pairs`` are the same in the entire passage. ``facts`` is the share of the claim's figures,
    names and exact strings that the piece has, ``worst`` the worst of them, ``figures`` the share of the figures.
    Against the claim speak ``denied`` (the two contradict, or the claim joins what the piece keeps apart), ``loose``
    (the piece says it less strictly, in opposite words or of another subject) and ``swapped`` (another word stands
    where the claim has one of its own). ``similar`` is the embedder's cosine, None without one.
    """

    covered: float
    pairs: float
    whole: float
    whole_pairs: float
    facts: float
    worst: float
    figures: float
    denied: float
    loose: float
    swapped: float
    similar: float | None = None


WORD_FOR_WORD = Evidence(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, denied=0.0, loose=0.0, swapped=0.0)


def claim_of(text: str) -> Claim:
    """Takes a claim apart."""
    cleaned = _ENUMERATOR.sub("", clean(text))
    label = _LABEL.match(cleaned)
    said = read(cleaned)
    if label:
        rest = read(cleaned[label.end() :])
        said = merged([replace(read(label[0]), names=()), rest]) if len(rest.stems) > 1 else said
    quick = tuple(stems(words(cleaned)))
    figures = tuple(quantity for quantity in said.quantities if not quantity.soft)
    total = sum(weight(each) for each in quick)
    weights = tuple((each, weight(each) / total) for each in quick)
    return Claim(
        spelling(cleaned),
        said,
        exact_strings(cleaned, said.quantities),
        quick,
        weights,
        neighbours(quick),
        figures,
    )


def spelling(cleaned: str) -> list[str]:
    """The words of a text and the signs that change what it says: two texts alike in it are copies."""
    return [*words(cleaned), *_SIGNS.findall(cleaned)]


def evidence(claim: Claim, units: Sequence[Unit], passage: PassageText) -> Evidence:
    """Weighs a claim against a run of neighbouring units."""
    own, lent = merged([unit.own for unit in units]), merged([unit.borrowed for unit in units])
    figures = [_figure(quantity, own, lent) for quantity in claim.figures]
    names = [_name(name, claim, units, own, lent, passage) for name in claim.said.names]
    exact = [_exact(sought, own, lent, passage) for sought in claim.exact]
    facts = [*figures, *names, *exact]
    prose = [unit.quick for unit in units if unit.kind != "row"]
    names_of = {name.stem for name in claim.said.names}
    # Found figures count whatever they are spelled like: "9 am" in "9:00", "five" in "5".
    spelled = claim.said.measures if figures and min(figures) == 1.0 else frozenset[str]()
    idle = {each for each in claim.said.measures if not each.isdigit()}
    covered, pairs = _covered(claim, own, lent, figures), _paired(claim, units, lent, spelled)
    loose = _loose(claim.said, own, lent) or (len(units) > 1 and _scattered(claim, units))
    return Evidence(
        covered=covered,
        pairs=pairs,
        whole=max(covered, _share(claim.quick, passage.held | spelled)),
        whole_pairs=max(pairs, len(claim.pairs & passage.pairs) / len(claim.pairs)) if claim.pairs else 1.0,
        facts=sum(facts) / len(facts) if facts else 1.0,
        worst=min(facts, default=1.0),
        figures=sum(figures) / len(figures) if figures else 1.0,
        denied=float(
            contradicts(claim.said, own, merged([unit.introduced for unit in units]))
            or misattributed(claim.said, claim.figures, units)
        ),
        loose=float(loose or other_subject(claim.said, units, passage.units)),
        swapped=swapped(claim.quick, prose, names_of, idle),
    )


def quick_look(claim: Claim, units: Sequence[Unit]) -> float:
    """The weighted share of the claim's words in a run of units, for choosing which to look at closely."""
    held = units[0].held if len(units) == 1 else frozenset[str]().union(*(unit.held for unit in units))
    return sum(each for stemmed, each in claim.weights if stemmed in held)


def _share(chain: Sequence[str], held: frozenset[str]) -> float:
    total = sum(weight(each) for each in chain)
    return sum(weight(each) for each in chain if each in held) / total if total else 1.0


def _covered(claim: Claim, own: Statement, lent: Statement, figures: Sequence[float]) -> float:
    said = claim.said.stems
    missing = {each for each in said if each not in own.held and each not in lent.held}
    kin = _kin(missing, own.held | lent.held)
    total = _FIGURE_WEIGHT * len(figures) + sum(weight(each) for each in said)
    got = _FIGURE_WEIGHT * sum(figures)
    got += sum(weight(each) * (1.0 if each in own.held else _AKIN) for each in said if each in own.held or each in kin)
    borrowed = sum(weight(each) for each in said if each not in own.held and each in lent.held)
    return (got + _BORROWED * min(borrowed, got)) / total if total else 1.0


def _kin(missing: set[str], held: frozenset[str]) -> set[str]:
    """The missing stems of which another form is there."""
    if not missing:
        return missing
    beginnings: dict[str, list[str]] = {}
    for each in held:
        beginnings.setdefault(each[:AKIN_PREFIX], []).append(each)
    return {
        each
        for each in missing
        if len(each) > AKIN_PREFIX and any(akin(each, other) for other in beginnings.get(each[:AKIN_PREFIX], ()))
    }


def _paired(claim: Claim, units: Sequence[Unit], lent: Statement, spelled: frozenset[str]) -> float:
    if not claim.pairs:
        return 1.0
    pairs = frozenset[Pair]().union(*(neighbours(unit.quick) for unit in units))
    held = frozenset[str]().union(*(unit.held for unit in units))
    got = 0.0
    rows = any(unit.kind == "row" for unit in units)
    for a, b in claim.pairs:
        if (a, b) in pairs:
            got += 1.0
        elif a in spelled or b in spelled:
            got += _SPELLED
        elif rows and all(each in held or weight(each) <= LIGHT_WEIGHT for each in (a, b)):
            got += _BORROWED
        elif (a in lent.held or b in lent.held) and (a in held or a in lent.held) and (b in held or b in lent.held):
            got += 0.5
    return got / len(claim.pairs)


def _figure(figure: Quantity, own: Statement, lent: Statement) -> float:
    credit = max(figure.held_by(own.quantities), figure.held_by(lent.quantities))
    return 1.0 if credit and unit_named(figure, own.folded | lent.folded) else credit


def _name(
    name: Name, claim: Claim, units: Sequence[Unit], own: Statement, lent: Statement, passage: PassageText
) -> float:
    if any(name.stem in held.held or name.folded in held.folded for held in (own, lent)):
        referring = (unit for unit in units if name.stem not in unit.held)
        return _REFERRED if any(_ambiguous(name, claim, unit) for unit in referring) else 1.0
    if _kin({name.stem}, own.held | lent.held):
        return _REFERRED
    if name.stem not in passage.held or name.stem not in _leading(claim.said):
        return 0.0
    if name.stem in passage.heading_stems:
        return _RIVALLED
    rival = any(other.stem not in claim.said.held for other in own.names) or (
        bool(own.stems) and own.stems[0] not in claim.said.held
    )
    return _RIVALLED if rival else _ELSEWHERE


def _ambiguous(name: Name, claim: Claim, unit: Unit) -> bool:
    """Whether "he" or "it" may be another one than the name: the sentence before has more of them."""
    names = {other.stem for other in unit.pointed_at.names}
    return name.stem in names and not names <= claim.said.held


def _leading(said: Statement) -> frozenset[str]:
    """The names a claim begins with: its topic, which the text may have named a while before."""
    names = {name.stem for name in said.names}
    return frozenset(takewhile(lambda each: each in names, said.stems))


def _exact(sought: str, own: Statement, lent: Statement, passage: PassageText) -> float:
    if holds(own.text, sought) or holds(lent.text, sought):
        return 1.0
    if " " in sought and (said := stems(words(sought))) and own.held.issuperset(said):
        return _NEARLY
    return _REFERRED if holds(passage.folded, sought) else 0.0


def _loose(claim: Statement, own: Statement, lent: Statement) -> bool:
    missing = [each for each in claim.stems if each not in own.held and each not in lent.held]
    excepted = bool(EXCEPTIONS & own.folded) and not own.denials.heads & claim.held
    turned = opposed(claim.poles, own.poles) or reversed_words(missing, own.held)
    return (
        excepted
        or turned
        or unsaid(claim.denials, own.denials, lent.denials)
        or stricter(claim.folded, own.folded | lent.folded)
    )


def _scattered(claim: Claim, units: Sequence[Unit]) -> bool:
    """Whether a clause of the claim takes its words from several units: each must stand in one."""
    return any(
        not any(_carries(unit, clause, i, claim) for unit in units) for i, clause in enumerate(claim.said.clauses)
    )


def _carries(unit: Unit, clause: Clause, number: int, claim: Claim) -> bool:
    held = unit.own.held | unit.borrowed.held
    if any(name.stem not in held for name in claim.said.names if name.clause == number):
        return False
    figures = [claim.said.quantities[i] for i in clause.figures if not claim.said.quantities[i].soft]
    if any(not _figure(figure, unit.own, unit.borrowed) for figure in figures):
        return False
    return _share(clause.stems, held) >= _CLAUSE_COVERED
