"""Greetings, thanks and goodbyes are answered in kind, without searching. What also asks something is no smalltalk."""

import re
from typing import Literal

Smalltalk = Literal["greeting", "thanks", "goodbye"]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LONGEST = 8
_GREETING = """
hi hello hey hiya howdy greetings welcome morning afternoon evening day yo
hallo moin servus guten tag morgen abend grüezi bonjour salut bonsoir hola buenas buenos días dias tardes noches
ciao buongiorno buonasera salve olá ola hej hoi
"""
_THANKS = """
thanks thank thx ty cheers appreciated appreciate helpful helps helped perfect great awesome brilliant excellent
wonderful lovely cool nice
danke dankeschön vielen dank merci beaucoup gracias muchas grazie mille obrigado obrigada tack bedankt
"""
_GOODBYE = "bye goodbye byebye ciao cya later farewell tschüss tschuess wiedersehen adieu adios adiós arrivederci"
_FILLER = """
there all everyone team folks bot ragbot you very much so a lot good please again everybody sir madam
that was is it's that's this it for your the my help me and oh ok okay yes i and really have nice see auf und au
one many anyone anybody somebody someone here now just
solved fixed worked works working did trick sorted got does do all set problem issue exactly what i needed wanted
"""
_KINDS: tuple[tuple[Smalltalk, frozenset[str]], ...] = (
    ("goodbye", frozenset(_GOODBYE.split())),
    ("thanks", frozenset(_THANKS.split())),
    ("greeting", frozenset(_GREETING.split())),
)
_WEAK = frozenset(
    """
morning afternoon evening day tag morgen abend dag dias días tardes noches later yo welcome salut nice cool
""".split()  # noqa: SIM905 - a list of words is read as one
)
"""Words that greet only beside another: "good morning" does, "and the morning?" asks."""
_BESIDE = frozenset(["good", "guten", "gute", "buenos", "buenas", "boa", "bom", "bonne", "see", "later", "have"])
_QUESTION = frozenset(["what", "how", "when", "where", "which", "who", "why", "is", "are", "does", "do", "did", "can"])
_FILLERS = frozenset(_FILLER.split())
_ALLOWED = _FILLERS.union(*(words for _, words in _KINDS))
_PHRASES: dict[str, Smalltalk] = {
    "how are you": "greeting",
    "how are you doing": "greeting",
    "how are you today": "greeting",
    "how do you do": "greeting",
    "hi how are you": "greeting",
    "hello how are you": "greeting",
    "what's up": "greeting",
    "whats up": "greeting",
    "see you": "goodbye",
    "see you later": "goodbye",
    "have a nice day": "goodbye",
    "have a good day": "goodbye",
    "take care": "goodbye",
    "that's all": "goodbye",
    "that's all thanks": "thanks",
    "that is all thank you": "thanks",
}


def smalltalk(text: str) -> Smalltalk | None:
    """What kind of smalltalk the whole text is; None where it says anything else."""
    words = [word.replace("’", "'") for word in _WORD.findall(text.casefold())]
    if not words or len(words) > _LONGEST or any(character.isdigit() for character in text):
        return None
    if found := _PHRASES.get(" ".join(words)):
        return found
    if not _ALLOWED.issuperset(words):
        return None
    if words[0] in _QUESTION:
        return None
    clear = [word for word in words if word not in _WEAK or _BESIDE.intersection(words) or len(words) == 1]
    kind = next((kind for kind, own in _KINDS if own.intersection(clear)), None)
    # "Hello, is anyone there?" greets; "is it helpful?" asks.
    return kind if "?" not in text or (kind == "greeting" and words[0] not in _WEAK | _FILLERS) else None
