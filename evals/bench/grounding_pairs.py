"""Claims with a known verdict, made from the sentences of any folder of texts: copied, reworded, falsified, absent."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragbot.core.sentences import sentences
from ragbot.core.text import fold, plain_text
from ragbot.grounding.claims import makes_claim
from ragbot.grounding.words import stems, words

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_PASSAGE, _SHORTEST = 1200, 250
_NUMBER = re.compile(r"(?<![\w.,/-])\d{1,6}(?![\w.,/-]*\w)")
_UNITS = (
    ("days", "hours"), ("day", "week"), ("hours", "minutes"), ("hour", "day"), ("minutes", "seconds"),
    ("years", "months"), ("year", "month"), ("month", "year"), ("months", "weeks"), ("weeks", "days"), ("GB", "MB"),
    ("MB", "GB"), ("KB", "MB"), ("%", " days"), ("percent", "dollars"), ("$", "€"), ("miles", "metres"),
    ("seconds", "hours"),
)  # fmt: skip
_AUXILIARY = re.compile(r"\b(can|will|is|are|must|should|may|could|would|was|were)\b(?! not\b| t\b|'t)")
_NEGATION = re.compile(r"\b(can)not\b|\b(do|does|did|is|are|was|were|must|should|would|could|will) not\b|\b(\w+)n't\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]{2,}\b")
_SYNONYMS = {
    "use": "utilize", "help": "assist", "start": "begin", "choose": "select", "select": "choose", "delete": "remove",
    "remove": "delete", "email": "mail", "buy": "purchase", "need": "require", "requires": "needs", "show": "display",
    "change": "modify", "create": "make", "get": "receive", "receive": "get", "contains": "includes", "must": "need to",
    "cannot": "can't", "can't": "cannot", "don't": "do not", "do not": "don't", "large": "big", "often": "frequently",
    "send": "deliver", "find": "locate", "allows": "lets", "provides": "offers", "however": "but", "in order to": "to",
    "you can": "users can", "your": "the", "this": "the", "a ": "one ", "will": "is going to", "if": "when",
}  # fmt: skip
_IF = re.compile(r"^(If|When|After|Before|Once) ([^,]{8,80}), ([^,]+)\.$")
_TABLE = re.compile(r"^(\|.*)\n[ \t]*\|?[ \t:]*-{3,}.*\n((?:\|.*\n?){2,})", re.MULTILINE)
_FIGURES = "zero one two three four five six seven eight nine ten eleven twelve"


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and passages. ``group`` is the answer it belongs to where it is a sentence of one."""

    data: str
    kind: str
    claim: str
    passages: tuple[str, ...]
    supported: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class _Material:
    rng: random.Random
    names: Sequence[str]
    words: Sequence[str]


def made_pairs(root: Path, *, most: int, seed: int) -> list[Pair]:
    """At most ``most`` pairs of each kind from the text files of ``root/corpus``."""
    rng = random.Random(seed)  # noqa: S311 - sampling, not secrets
    documents = [
        _passages(path) for path in sorted((root / "corpus").rglob("*")) if path.suffix in (".md", ".txt", ".html")
    ]
    documents = [passages for passages in documents if passages]
    everything = " ".join(text for passages in documents for text in passages)
    long_words = [word for word in re.findall(r"\b[a-z]{5,12}\b", everything) if stems([word])]
    material = _Material(
        rng, sorted({name for name in _NAME.findall(everything) if stems([name.casefold()])}), long_words
    )
    found: dict[str, list[Pair]] = {}
    order = [(i, j) for i, passages in enumerate(documents) for j in range(len(passages))]
    rng.shuffle(order)
    for i, j in order:
        for kind, claim, supported in _claims(documents, i, j, material):
            if len(found.setdefault(kind, [])) < most and makes_claim(claim):
                found[kind].append(Pair(root.name, kind, claim, (documents[i][j],), supported))
    return [pair for pairs in found.values() for pair in pairs]


def _passages(path: Path) -> list[str]:
    text = _FRONT_MATTER.sub("", path.read_text(encoding="utf-8", errors="replace"))
    found = [""]
    for block in re.split(r"\n\s*\n", text):
        if len(found[-1]) + len(block) > _PASSAGE and found[-1]:
            found.append("")
        found[-1] += f"\n\n{block}" if found[-1] else block
    return [each for each in found if len(each) >= _SHORTEST]


def _claims(documents: Sequence[Sequence[str]], i: int, j: int, material: _Material) -> Iterator[tuple[str, str, bool]]:
    passage = documents[i][j]
    rng = material.rng
    yield from _cells(passage, rng)
    said = _sentences(passage)
    if len(said) < 3:
        return
    chosen = rng.choice(said)
    yield "verbatim", chosen, True
    reworded = _reworded(chosen, rng)
    if reworded != chosen:
        yield "reworded", reworded, True
    for kind, change in _FALSIFIERS.items():
        for sentence in rng.sample(said, len(said)):
            false = change(sentence, passage, material)
            if false and false != sentence:
                yield kind, false, False
                break
    elsewhere = [text for k, other in enumerate(documents[i]) if k != j for text in _sentences(other)]
    if elsewhere and (absent := rng.choice(elsewhere)) not in plain_text(passage):
        yield "absent", absent, False
    other = rng.choice(documents)
    if other is not documents[i] and (foreign := _sentences(rng.choice(other))):
        yield "foreign", rng.choice(foreign), False


def _cells(passage: str, rng: random.Random) -> Iterator[tuple[str, str, bool]]:
    """A cell of a table said as a sentence, and the same with the cell of another row."""
    for table in _TABLE.finditer(passage):
        header = _row(table[1])
        rows = [row for line in table[2].splitlines() if len(row := _row(line)) == len(header) and all(row)]
        if len(rows) < 2 or len(header) < 2:
            continue
        row, other = rng.sample(rows, 2)
        column = rng.randrange(1, len(header))
        if not header[column] or fold(row[column]) == fold(other[column]) or fold(row[0]) == fold(other[0]):
            continue
        yield "cell", f"The {header[column]} of {row[0]} is {row[column].rstrip('.')}.", True
        yield "cell of another", f"The {header[column]} of {row[0]} is {other[column].rstrip('.')}.", False


def _row(line: str) -> list[str]:
    return [plain_text(cell) for cell in line.strip().strip("|").split("|")]


def _sentences(passage: str) -> list[str]:
    found = (
        plain_text(passage[each.start : each.end]) for each in sentences(passage) if each.kind in ("prose", "item")
    )
    return [text for text in found if 5 <= len(stems(words(text))) <= 30 and text[-1] in ".!" and "{" not in text]


def _reworded(sentence: str, rng: random.Random) -> str:
    swapped = _IF.match(sentence)
    if swapped and rng.random() < 0.7:
        sentence = f"{swapped[3][:1].upper()}{swapped[3][1:]} {swapped[1].lower()} {swapped[2]}."
    forms = [form for form in _SYNONYMS if re.search(rf"\b{re.escape(form)}\b", sentence)]
    for form in rng.sample(forms, min(2, len(forms))):
        sentence = re.sub(rf"\b{re.escape(form)}\b", _SYNONYMS[form], sentence, count=1)
    return re.sub(
        r"(?<![\w.,$])\b([2-9]|1[0-2])\b(?![\w.,%]*\w| [A-Z])",
        lambda match: _FIGURES.split()[int(match[1])],
        sentence,
        count=1,
    )


def _number(sentence: str, passage: str, material: _Material) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    match = material.rng.choice(found)
    other = str(int(match[0]) + material.rng.choice((1, 2, 3, 5, 10, 30)))
    return None if other in passage else sentence[: match.start()] + other + sentence[match.end() :]


def _number_of_another(sentence: str, passage: str, material: _Material) -> str | None:
    """A figure of another sentence of the passage in place of the sentence's own."""
    found = list(_NUMBER.finditer(sentence))
    others: list[str] = [n for n in _NUMBER.findall(passage.replace(sentence, "")) if n not in sentence]
    if not found or not others:
        return None
    match = material.rng.choice(found)
    return sentence[: match.start()] + material.rng.choice(others) + sentence[match.end() :]


def _unit(sentence: str, passage: str, material: _Material) -> str | None:
    for unit, instead in material.rng.sample(_UNITS, len(_UNITS)):
        pattern = re.compile(r"\$(?=\d)" if unit == "$" else rf"(?<=\d)([ -]?){re.escape(unit)}(?!\w)")
        if pattern.search(sentence):
            return pattern.sub(rf"\g<1>{instead}" if pattern.groups else instead, sentence, count=1)
    return None


def _negation(sentence: str, passage: str, material: _Material) -> str | None:
    denied = _NEGATION.search(sentence)
    if denied:
        verb: str = denied[1] or denied[2] or denied[3]
        positive = {"ca": "can", "wo": "will"}.get(verb, verb)
        return f"{sentence[: denied.start()]}{positive}{sentence[denied.end() :]}"
    match = _AUXILIARY.search(sentence)
    return sentence[: match.end()] + " not" + sentence[match.end() :] if match else None


def _swapped_name(sentence: str, passage: str, material: _Material) -> str | None:
    return _swapped(sentence, passage, list(_NAME.finditer(sentence)), material.names, material.rng)


def _swapped_word(sentence: str, passage: str, material: _Material) -> str | None:
    found = [match for match in re.finditer(r"\b[a-z]{5,}\b", sentence) if stems([match[0]])]
    return _swapped(sentence, passage, found, material.words, material.rng)


def _swapped(
    sentence: str, passage: str, found: list[re.Match[str]], others: Sequence[str], rng: random.Random
) -> str | None:
    if not found or not others:
        return None
    match, other = rng.choice(found), rng.choice(others)
    held = set(stems(words(passage)))
    if held & set(stems(words(other))):
        return None
    return sentence[: match.start()] + other + sentence[match.end() :]


_FALSIFIERS: dict[str, Callable[[str, str, _Material], str | None]] = {
    "number": _number,
    "number of another": _number_of_another,
    "unit": _unit,
    "negation": _negation,
    "name": _swapped_name,
    "word": _swapped_word,
}
