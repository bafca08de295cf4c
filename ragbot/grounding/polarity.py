"""What a sentence denies, and words that exclude each other: what turns many shared words into a contradiction."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from ragbot.grounding.words import STOP, stem

CUES = frozenset(
    """
    not no never cannot without except excluding unless nor neither none nobody nothing hardly
    unable avoid avoids avoiding refrain
    nicht kein keine keinen keiner keinem nie niemals ohne ne pas jamais sans nunca jamás ni sin não nunca sem non mai
    senza niet geen nooit zonder не нет ни никогда без
    """.split()  # noqa: SIM905 - a list of words is read as words
)  # fmt: skip
EXCEPTIONS = frozenset({"except", "excluding", "unless"})
_NO_CUE_BEFORE = {
    "not": {"only", "just", "merely"},
    "no": {"later", "more", "fewer", "less", "matter", "earlier"},
}
_UNSPACED_CUES = re.compile(
    r"不(?![过過同断斷仅僅但管])|[没沒勿]|未(?![来來])|非(?!常)|[无無][法需须須]|ない|ません|なし"
)
NEGATIVE_FORMS = {
    "unavailable": "available", "unsupported": "supported", "impossible": "possible",
    "unnecessary": "necessary", "invalid": "valid", "ineligible": "eligible", "nonrefundable": "refundable",
    "prohibited": "allowed", "forbidden": "allowed", "disallowed": "allowed", "unencrypted": "encrypted",
    "incompatible": "compatible", "inactive": "active", "unlimited": "limited", "unverified": "verified",
    "unauthorized": "authorized", "unpaid": "paid", "unused": "used", "unsafe": "safe", "illegal": "legal",
    "incorrect": "correct", "incomplete": "complete", "unaffected": "affected", "unknown": "known",
    "untaxed": "taxed", "nontaxable": "taxable", "prohibits": "allows", "forbids": "allows", "prevents": "allows",
}  # fmt: skip
_OPPOSITES = (
    "enable enabled activate|disable disabled deactivate", "include included includes|exclude excluded excludes",
    "accept accepted accepts|reject rejected rejects decline declined", "minimum|maximum", "before|after",
    "increase increases increased raise raised|decrease decreases decreased reduce reduced reduces lower lowered",
    "free|paid", "public|private", "internal|external", "inbound incoming|outbound outgoing",
    "daily|weekly|monthly|yearly annual annually|hourly|quarterly", "required mandatory|optional|recommended",
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday", "weekday weekdays|weekend weekends",
    "january|february|march|april|june|july|august|september|october|november|december", "above|below",
    "morning|afternoon|evening|night", "north northern|south southern|east eastern|west western", "left|right",
    "upload|download", "import|export", "encrypt encrypted|decrypt decrypted", "sender|recipient", "buyer|seller",
    "employer employers|employee employees", "landlord|tenant", "male|female", "father|mother", "brother|sister",
    "son|daughter", "husband|wife", "credit|debit", "input|output", "add adds added|remove removes removed",
    "install|uninstall", "lock|unlock", "true|false", "success succeeds|failure fails", "online|offline",
    "high higher highest|low lower lowest", "oldest|newest latest", "longest longer|shortest shorter", "most|least",
    "largest larger|smallest smaller", "earliest earlier|latest later", "manual manually|automatic automatically",
    "permanent permanently|temporary temporarily", "always|never|sometimes", "first|last", "buy bought|sell sold",
    "inside|outside", "arrival|departure", "same|different", "safe|dangerous", "full|empty|partial", "hot|cold",
    "start starts started|stop stops stopped", "win won wins|lose lost loses", "open opens opened|close closes closed",
    "more|fewer less", "both|either", "allow allowed allows|deny denied denies block blocked blocks",
)  # fmt: skip
_OF_NO_SIDE = frozenset({"month", "year", "week", "hour", "quarter"})
"""Stems of "monthly" and the like that say nothing of how often."""
POLES: Mapping[str, tuple[int, int]] = {
    key: (group, pole)
    for group, poles in enumerate(_OPPOSITES)
    for pole, forms in enumerate(poles.split("|"))
    for form in forms.split()
    for key in (form, stem(form))
    if key and key not in _OF_NO_SIDE
}
_STRICT = (
    (frozenset({"only", "solely", "exclusively"}), frozenset({"only", "solely", "exclusively", "just"})),
    (frozenset({"always", "every", "all"}), frozenset({"always", "every", "all", "each", "any", "both", "entire"})),
    (
        frozenset({"must", "required", "mandatory"}),
        frozenset({"must", "required", "mandatory", "need", "needs", "have"}),
    ),
)
_BREAK = frozenset(
    {"but", "while", "whereas", "although", "though", "because", "when", "if", "unless", "which", "that"}
)
_JOINT = frozenset({"or", "and", "nor", ","})
_SKIPPED = frozenset({"longer", "yet", "also", "able", "currently", "necessarily", "possible", "get"})
_BEFORE_NOUNS = frozenset({"no", "without", "kein", "keine", "keinen", "sans", "sin", "sem"})
_STARTS_CLAUSE = frozenset(
    """
    you we they he she it i this that these those there the your our their its can will must may should would could is
    are was were do does did has have had please
    """.split()  # noqa: SIM905
)  # fmt: skip
_SCOPE = 6


@dataclass(frozen=True, slots=True)
class Denials:
    """``heads`` are the stems a cue denies directly, ``within`` all in its reach; ``cues`` counts the cues.

    ``unplaced`` is whether something is denied without a word for it, as in scripts that do not part words.
    """

    heads: frozenset[str]
    within: frozenset[str]
    cues: int = 0
    unplaced: bool = False


NOTHING_DENIED = Denials(frozenset(), frozenset())


def denials(said: Sequence[str], cleaned: str = "") -> Denials:
    """What is denied in a run of words and punctuation, case folded."""
    heads: set[str] = set()
    within: set[str] = set()
    cues = 0
    for i, word in enumerate(said):
        if word in NEGATIVE_FORMS:
            cues += 1
            heads.add(stem(NEGATIVE_FORMS[word]))
        elif _is_cue(said, i):
            cues += 1
            for found, direct in _reach(said, i):
                within.add(found)
                heads |= {found} if direct else set()
    unplaced = not cleaned.isascii() and _UNSPACED_CUES.search(cleaned) is not None
    return Denials(frozenset(heads), frozenset(within | heads), cues, unplaced) if cues or unplaced else NOTHING_DENIED


def _is_cue(said: Sequence[str], i: int) -> bool:
    word = said[i]
    if word.endswith("n't"):
        return True
    if word not in CUES:
        return False
    following = said[i + 1] if i + 1 < len(said) else ""
    before = said[i - 1] if i else ""
    idle = word == "not" and (before == "or" or (before == "but" and following == "limited"))
    return not idle and following not in _NO_CUE_BEFORE.get(word, ())


def _reach(said: Sequence[str], cue: int) -> Iterator[tuple[str, bool]]:
    """The stems behind a cue, each with whether it is denied directly: the first, and those listed with it."""
    count = 0
    direct = 2 if said[cue] in _BEFORE_NOUNS else 1
    for i in range(cue + 1, len(said)):
        word = said[i]
        if word in _BREAK or word in ";:.()?!|" or count >= _SCOPE:
            return
        if word in _JOINT:
            if word == "," and not _lists_on(said, i):
                return
            direct = max(direct, int(count > 0))
            continue
        found = stem(word) if word[0].isalnum() and word not in _SKIPPED else ""
        if found:
            yield found, direct > 0
            count += 1
            direct -= 0 if word.endswith("ly") or not direct else 1


def _lists_on(said: Sequence[str], comma: int) -> bool:
    """Whether a list goes on behind a comma, as in "not copy, move or delete"; a new clause has a subject first."""
    for word in said[comma + 1 : comma + 8]:
        if word in ("or", "nor"):
            return True
        if word in _STARTS_CLAUSE:
            return False
    return False


def unsaid(claim: Denials, *texts: Denials) -> bool:
    """Whether the claim denies something that the texts do not deny, or is alone in denying anything."""
    if claim.unplaced != any(each.unplaced for each in texts):
        return True
    heads = frozenset[str]().union(*(each.heads for each in texts))
    within = frozenset[str]().union(*(each.within for each in texts))
    return bool(claim.heads) and not claim.heads & within and not heads & claim.within


def poles(folded: Iterable[str]) -> dict[int, set[int]]:
    """Which sides of which opposites the words stand on."""
    found: dict[int, set[int]] = {}
    for word in folded:
        side = POLES.get(word) or POLES.get(stem(word))
        if side:
            group, pole = side
            found.setdefault(group, set()).add(pole)
    return found


def opposed(claim: Mapping[int, set[int]], text: Mapping[int, set[int]]) -> bool:
    """Whether the claim stands only on sides that the text does not, where the text stands on another."""
    return any(group in text and not sides & text[group] for group, sides in claim.items())


def stricter(claim: Set[str], text: Set[str]) -> bool:
    """Whether the claim says "only", "always" or "must" where the text says nothing like it."""
    return any(claim & words and not text & same for words, same in _STRICT)


def reversed_words(missing: Iterable[str], held: Set[str]) -> bool:
    """Whether the text has a missing word's opposite by prefix: "subscribe" and "unsubscribe"."""
    return any(
        prefix + word in held or (word.startswith(prefix) and word[len(prefix) :] in held)
        for word in missing
        if len(word) > 4 and word not in STOP
        for prefix in ("un", "non", "dis")
    )
