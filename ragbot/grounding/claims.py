"""Which sentences of an answer claim anything about the world: only those need a source."""

import re

from ragbot.grounding.words import clean, stems, words

_START = re.compile(
    r"^(?:[-*+•#>\s]+|\d{1,3}[.)]\s+|(?:yes|no|sure|okay|ok|certainly|of course|absolutely|great|well|hello|hi|hey"
    r"|thanks|thank you|sorry|unfortunately|alright)\b[,.!:;\s–—-]*)+",
    re.IGNORECASE,
)
_ENUMERATOR = re.compile(r"\W*\d{1,3}[.)]\W*$")
_COURTESIES = (
    r"(?:i|we) (?:hope|trust) (?:this|that|it|these|you)\b",
    r"(?:please )?(?:let me know|let us know|feel free|don't hesitate|do not hesitate|reach out|just ask)\b",
    r"(?:i'm|i am|we're|we are|i'd be|i would be|always) (?:glad|happy|pleased|delighted|sorry|afraid|here)\b",
    r"(?:glad|happy|here|pleased) to (?:help|assist|hear)\b",
    r"(?:you're|you are) (?:very |most )?welcome\b|welcome(?: back)?[.!]*$",
    r"(?:i'll|i will|i can|let's|let me|allow me to) (?:help|explain|walk you|try|look|be happy|assist|show you)\b",
    r"(?:thank you|thanks|good luck|goodbye|bye|my pleasure|no problem)[.!,]*(?:$| for | so much)",
    r"(?:have a (?:great|nice|good) (?:day|one|time|week|weekend|evening)|take care)\b",
    r"(?:i|we) (?:apologi[sz]e|understand (?:your|that you|how)|see that you|appreciate your)\b",
    r"if (?:you|there) (?:have|need|want|would like|'d like|still|is|are)\b.{0,70}\b(?:let me|let us|feel free|just ask"
    r"|don't hesitate|do not hesitate|i'm here|i am here|i can|i'll|reach out)\b",
    r"(?:great|good|excellent|interesting) question\b",
)
_NOTHING_FOUND = (
    r"(?:i|we) (?:do not|don't|did not|didn't|could not|couldn't|cannot|can't|am not|'m not|was not|wasn't|am unable"
    r"|was unable|have no|haven't|lack)\b.{0,40}\b(?:know|find|found|sure|able|information|enough|answer|access)\b",
    r"(?:i'm|i am) (?:not sure|unable|not able|just an?|an ai|only an?)\b",
    r"(?:the |these |those |this )?(?:provided |given |available |retrieved |supplied )*"
    r"(?:documents?|documentation|context|passages?|sources?|information|texts?|excerpts?)"
    r"(?: provided| given| available| above)? (?:do not|does not|don't|doesn't|did not|didn't) "
    r"(?:say|mention|contain|include|provide|specify|state|cover|answer|give|describe|address)\b",
    r"(?:there is|there's) no (?:mention|information|answer|indication)\b",
)
_LEAD_INS = (
    r"here (?:is|are|'s|s)\b|here's\b|below (?:is|are)\b|the following\b|these are\b|this is (?:how|what|a)\b",
    r"follow(?:ing)? (?:these|the following|the)\b|you can (?:do (?:this|that|so|it)|follow)\b|to (?:do|answer)\b",
    r"based on\b|according to\b|in summary\b|to summari[sz]e\b|in short\b|in conclusion\b|note\b|see\b|steps?\b",
    r"for (?:example|instance|more (?:information|details?))\b|as follows\b",
)
_COURTESY = re.compile("|".join(_COURTESIES), re.IGNORECASE)
_NOT_FOUND = re.compile("|".join(_NOTHING_FOUND), re.IGNORECASE)
_LEAD_IN = re.compile("|".join(_LEAD_INS), re.IGNORECASE)
_GLUE = frozenset(
    stems(
        words(
            """
            here follow following step below above answer summary list option detail information explanation overview
            question example instruction guide way thing point note based provided context document documentation
            passage source excerpt according text retrieved given available summarize summarise conclusion short brief
            briefly simply next first second finally lastly overall general generally also additional additionally
            addition hope help helpful sure certainly course let know want see do done use related relevant key main
            glad happy pleased delighted thank apologize sorry feel ask reach assist assistance hesitate clarify
            """
        )
    )
)
_LEAD_WORDS = 4
_COURTESY_WORDS = 4


def makes_claim(sentence: str) -> bool:
    """Whether a sentence says something that a source could support or refute.

    Courtesies, questions back, lead-ins ("Here are the steps:"), and statements that nothing was found do not. In
    doubt it does: what is taken for glue may be shown without a source.
    """
    if _ENUMERATOR.match(sentence):
        return False
    said = _START.sub("", clean(sentence).strip()).strip(" *_`\"'")
    if not any(character.isalnum() for character in said):
        return False
    figures = any(character.isdigit() for character in said)
    if _NOT_FOUND.match(said) or (said.endswith("?") and not figures):
        return False
    found = stems(words(said))
    telling = [stem for stem in found if stem not in _GLUE]
    if figures:
        return True
    if not telling:
        return not found and not said.endswith(":")
    if _COURTESY.match(said) and len(telling) <= _COURTESY_WORDS:
        return False
    return not (said.endswith(":") and (_LEAD_IN.match(said) or len(telling) < _LEAD_WORDS))
