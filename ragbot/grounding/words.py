"""Words as the scorer compares them: cleaned of markup, cut, roughly stemmed, weighed.

English is stemmed and has stop words; other alphabets are compared as they are written, and scripts without spaces
by pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:\s+\"[^\"]*\")?\)")
_ESCAPE = re.compile(r"\\(?=[\\`*_{}\[\]()#+\-.!|<>~])")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_LOST_APOSTROPHE = re.compile(
    r"\b((?:do|does|did|wo|would|could|should|is|are|was|were|has|have|had)n|can) t\b", re.IGNORECASE
)
_TYPOGRAPHY = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "−": "-", "‑": "-", "‐": "-"}
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff™®©", None)
)
_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
WORD = rf"(?:[^\W_]|[{_MARKS}])+(?:'(?:[^\W_]|[{_MARKS}])+)*"
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]+"
)
_WORDS = re.compile(WORD)

STOP = frozenset(
    """
    a an the this that these those there here it its itself they them their theirs he him his she her hers we us our
    ours i me my mine myself you your yours yourself yourselves one ones who whom whose which what when where why how
    whether is am are was were be been being do does did done doing has have had having can could will would shall
    should may might must need ought let lets and or but nor so if then than as at by for from in into of off on onto
    out to up down with about between through during while since until again also any some such own same too very just
    each both either neither other others another much many more most few less least rather quite else ever even still
    please however therefore thus hence moreover additionally furthermore specifically etc via per upon within along
    across around against towards toward because although though whereas s t re ve ll d m
    not no never cannot without except unless nor none nothing only already yet eg ie
    finally firstly secondly lastly simply alternatively overall ultimately essentially basically generally typically
    note once including like also well
    """.split()  # noqa: SIM905 - a list of words is read as words
)  # fmt: skip
LIGHT = frozenset(
    """
    make use get give take go come provide include contain allow enable ensure help want follow work see find set
    able available possible different specific various certain several multiple additional new way thing option
    example type kind note important based related called known help ensure become keep well
    """.split()  # noqa: SIM905
)
_IRREGULAR = {
    form: base
    for base, forms in {
        "take": "took taken", "send": "sent", "pay": "paid", "buy": "bought", "make": "made", "get": "got gotten",
        "give": "gave given", "write": "wrote written", "keep": "kept", "leave": "left", "hold": "held",
        "find": "found", "lose": "lost lose loss", "tell": "told", "choose": "chose chosen", "show": "shown",
        "sell": "sold sale sales", "build": "built", "run": "ran", "begin": "began begun", "child": "children",
        "person": "people persons", "man": "men", "woman": "women", "bring": "brought", "go": "went gone goes",
        "come": "came", "know": "knew known", "see": "saw seen", "win": "won", "lead": "led", "mean": "meant",
        "become": "became", "grow": "grew grown", "speak": "spoke spoken", "break": "broke broken", "say": "said",
        "datum": "data", "index": "indices indexes", "think": "thought", "spend": "spent", "meet": "met",
        "die": "died dies", "use": "used using uses", "try": "tried tries",
        "subscribe": "subscription subscriptions subscriber subscribers", "add": "addition additions",
    }.items()
    for form in forms.split()
}  # fmt: skip
_SAME = (
    "cost price fee charge", "buy purchase", "delete remove erase", "begin start commence", "change modify alter edit",
    "need require", "email mail", "show display", "select choose pick click press tap",
    "run execute", "login signin", "use utilize utilise",
    "help assist", "photo picture image", "big large", "small little", "quick fast rapid", "often frequently",
    "create generate", "get receive obtain", "find locate", "allow permit", "end finish", "phone telephone",
    "car automobile", "doctor physician", "movie film", "holiday vacation", "refund reimburse reimbursement",
    "employee staff", "customer client", "error failure", "fix repair", "try attempt", "answer reply respond response",
    "ask request", "verify confirm", "provide offer supply", "contain include comprise", "keep retain", "ship deliver",
)  # fmt: skip
_ENDINGS = (
    ("ications", ""), ("ication", ""), ("izations", "iz"), ("ization", "iz"), ("ations", ""), ("ation", ""),
    ("ments", ""), ("ment", ""), ("nesses", ""), ("ness", ""), ("ingly", ""), ("edly", ""), ("ings", ""), ("ing", ""),
    ("ied", ""), ("ies", ""), ("ously", "ous"), ("ally", "al"), ("ably", ""), ("ibly", ""), ("able", ""), ("ible", ""),
    ("ions", ""), ("ion", ""), ("ed", ""), ("ly", ""), ("sses", "ss"), ("xes", "x"),
    ("ches", "ch"), ("shes", "sh"), ("es", ""), ("s", ""),
)  # fmt: skip
_LEAST_REST = {"s": 2, "ation": 4, "ations": 4, "ion": 4, "ions": 4, "ly": 4, "ment": 3}
AKIN_PREFIX = 5
LIGHT_WEIGHT = 0.4
_AKIN_REST = 3
_VOWEL = re.compile(r"[aeiouy]")
_SHORTEST_STEM = 3


def clean(text: str) -> str:
    """Text for reading words off: no link targets or escapes, straight quotes, compatibility forms."""
    if "](" in text:
        text = _LINK_TARGET.sub("]", text)
    if "\\" in text:
        text = _ESCAPE.sub("", text)
    if text.count(".") > 1:
        text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    if "n t " in text:
        text = _LOST_APOSTROPHE.sub(r"\1't", text)
    return text if text.isascii() else unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY))


def words(cleaned: str) -> list[str]:
    """The words of a cleaned text in order, case folded; runs of scripts without spaces as pairs of characters."""
    found = _WORDS.findall(cleaned.casefold())
    if cleaned.isascii() or not _UNSPACED.search(cleaned):
        return found
    return [part for word in found for part in _paired(word)]


def akin(one: str, other: str) -> bool:
    """Whether two stems are probably forms of one word: a long common beginning, short different ends."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= AKIN_PREFIX and max(len(one), len(other)) - shared <= _AKIN_REST


def stems(folded: Iterable[str]) -> list[str]:
    """What the words say, in order: stems, without stop words."""
    return [found for word in folded if (found := stem(word))]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a case folded word, a synonym's where one is known; empty for stop words."""
    word = word.removesuffix("'s").removesuffix("'")
    if word in STOP or word.endswith("n't") or ("'" in word and word.partition("'")[0] in STOP):
        return ""
    found = _stripped(_IRREGULAR.get(word, word))
    return _CANONICAL.get(found, found)


@lru_cache(maxsize=65536)
def weight(stemmed: str) -> float:
    """How much a stem says: long words and figures more, everyday verbs less."""
    if stemmed in _LIGHT_STEMS:
        return LIGHT_WEIGHT
    return 1.5 if stemmed[:1].isdigit() else 0.6 + 0.07 * min(len(stemmed), 10)


def _stripped(word: str) -> str:
    if len(word) <= _SHORTEST_STEM or not word.isascii() or not word.isalpha():
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            rest = word[: -len(ending)] + instead
            if len(rest) >= _LEAST_REST.get(ending, _SHORTEST_STEM) and _VOWEL.search(rest) and not _whole(word):
                word = rest
                break
    word = word.rstrip("e") if len(word) > _SHORTEST_STEM else word
    if len(word) > _SHORTEST_STEM and word[-1] in "yi":
        word = word[:-1]
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def _whole(word: str) -> bool:
    """Whether the ending belongs to the word: class, status, apply."""
    return word.endswith(("ss", "us", "ply"))


def _paired(word: str) -> list[str]:
    parts: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        parts += [word[end : run.start()]] if run.start() > end else []
        text = run[0]
        parts += [text[i : i + 2] for i in range(len(text) - 1)] or [text]
        end = run.end()
    return parts + ([word[end:]] if end < len(word) else [])


_FIGURES = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_CANONICAL = {_stripped(each): _stripped(group.split()[0]) for group in _SAME for each in group.split()}
_CANONICAL |= {_stripped(name): str(value) for value, name in enumerate(_FIGURES.split(), start=2)}
_LIGHT_STEMS = frozenset(_CANONICAL.get(_stripped(each), _stripped(each)) for each in LIGHT)
