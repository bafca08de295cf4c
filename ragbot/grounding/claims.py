"""Which sentences of an answer claim anything about the world: only those need a source."""

import re

from ragbot.grounding.words import clean, stems, words

_SKIPPED_START = re.compile(
    r"^(?:[-*+•#>\s]+|\d{1,3}[.)]\s+|\*\*|(?:(?:yes|no|sure|okay|ok|certainly|of course|absolutely|great|well|hello|hi"
    r"|hey|thanks|thank you|sorry|unfortunately|alright)\b[,.!:;\s–—-]*))+",
    re.IGNORECASE,
)
_ENUMERATOR = re.compile(r"\W*\d{1,3}[.)]\W*$")
_COURTESIES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:i|we) (?:hope|trust) (?:this|that|it|these|you)\b",
        r"(?:please )?(?:let me|let us|feel free|don't hesitate|do not hesitate|reach out|just ask)\b(?!.*\d)",
        r"(?:(?:i'm|i am|we're|we are|i'd be|i would be|always) )?(?:glad|happy|pleased|delighted|sorry|afraid)\b(?!.*\d)",
        r"(?:you're|you are) (?:very |most )?welcome\b",
        r"(?:i'll|i will|i can|let's|let me|allow me to) (?:help|explain|walk you|try|look|be happy|assist|show you)\b",
        r"(?:thank you|thanks|good luck|have a (?:great|nice|good)|take care|goodbye|bye|welcome|my pleasure|no problem)\b",
        r"(?:i|we) (?:apologi[sz]e|understand|see|appreciate)\b(?!.*\d)",
        r"if (?:you|there) (?:have|need|want|would like|'d like|still|is|are)\b.{0,70}\b(?:let me|feel free|just ask|don't hesitate"
        r"|do not hesitate|i'm here|i am here|i can|i'll)\b(?!.*\d)",
        r"is there anything else\b|what (?:else|would you like)\b|(?:how )?(?:can|may) i (?:help|assist)\b",
        r"(?:i|we) (?:do not|don't|did not|didn't|could not|couldn't|cannot|can't|am not|'m not|was not|wasn't|am unable|was"
        r" unable|have no|haven't|lack)\b.{0,40}\b(?:know|find|found|sure|able|information|enough|answer|have|see|access)",
        r"(?:i'm|i am) (?:not sure|unable|not able|just an?|an ai|only an?)\b",
        r"(?:the |these |those |this )?(?:provided |given |available |retrieved |supplied )*(?:documents?|documentation"
        r"|context|passages?|sources?|information|texts?|excerpts?)(?: provided| given| available| above)?"
        r" (?:do(?:es)? not|don't|doesn't|did not|didn't) "
        r"(?:say|mention|contain|include|provide|specify|state|cover|answer|give|describe|address)",
        r"(?:there is|there's) no (?:mention|information|answer|indication)\b",
    )
)
_LEAD_INS = re.compile(
    r"(?:here (?:is|are|'s|s)|below (?:is|are)|the following|these are|this is (?:how|what|a)|follow(?:ing)? (?:these|the"
    r" following|the)|you can (?:do (?:this|that|so|it)|follow)|to (?:do|answer)|based on|according to|in summary"
    r"|to summari[sz]e|in short|in conclusion|note|see|for example|for instance|as follows|steps?)\b",
    re.IGNORECASE,
)
_LEAD_WORDS = 4
_GLUE = frozenset(
    stems(
        words(
            """
            here follow following step below above answer summary list option detail information explanation overview
            question example instruction guide way thing point note based provided context document documentation
            passage source excerpt according text retrieved given available summarize summarise conclusion short brief
            briefly simply next first second finally lastly overall general generally also additional additionally
            addition hope help helpful sure certainly course let know want see do done use related relevant key main
            """
        )
    )
)


def makes_claim(sentence: str) -> bool:
    """Whether a sentence says something that a source could support or refute.

    Courtesies, questions back, lead-ins ("Here are the steps:"), and statements that nothing was found do not. In
    doubt it does: what is taken for glue is shown without a source.
    """
    if _ENUMERATOR.match(sentence):
        return False
    said = _SKIPPED_START.sub("", clean(sentence).strip()).strip(" *_`\"'")
    content = [word for word in words(said) if stems([word])]
    if not any(character.isalnum() for character in said) or said.endswith("?"):
        return False
    if any(pattern.match(said) for pattern in _COURTESIES):
        return False
    telling = [stem for stem in stems(content) if stem not in _GLUE]
    if not telling:
        return not content or any(word[0].isdigit() for word in content)
    leads = said.endswith(":") and (_LEAD_INS.match(said) is not None or len(telling) < _LEAD_WORDS)
    return not (leads and not any(character.isdigit() for character in said))
