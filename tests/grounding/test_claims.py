"""Which sentences of an answer need a source, and which only hold it together."""

import pytest

from ragbot.grounding.claims import makes_claim

GLUE = (
    "I hope this helps!",
    "Here are the steps:",
    "Certainly! Here are the steps to reset it:",
    "Here's what I found:",
    "To do this, follow these steps:",
    "Based on the provided documents, here is a summary:",
    "For more information, see the following:",
    "The Pro plan includes:",
    "**Steps:**",
    "Note:",
    "Sure.",
    "Yes.",
    "Of course!",
    "Thank you!",
    "Thanks for your question!",
    "Great question!",
    "Welcome!",
    "Happy to help!",
    "I'm here to help.",
    "You're welcome! Let me know if you have any other questions.",
    "If you have any more questions, feel free to ask.",
    "Is there anything else I can help you with?",
    "Could you tell me which plan you have?",
    "I apologize for the inconvenience.",
    "I don't know.",
    "I'm sorry, but I could not find that in the documents.",
    "The documents do not mention the price of the Pro plan.",
    "The provided context does not contain information about refunds.",
    "There is no information about this in the documents.",
    "",
    "...",
    "👍",
    "1.",
    "12)",
)

CLAIMS = (
    "Refunds take five days.",
    "No, you can't.",
    "22",
    "Paris.",
    "Yes, you can export reports.",
    "It is on.",
    "Click Save.",
    "Contact support.",
    "See Settings > Billing.",
    "I recommend the Pro plan.",
    "I see no fee.",
    "I can confirm that your refund was approved.",
    "We offer refunds within 30 days.",
    "The documentation is free.",
    "Here you need a permit.",
    "Note that refunds are final.",
    "The Pro plan costs $20 and includes:",
    "The following plans include SSO: Pro and Team.",
    "If you have a Pro plan, you can export reports.",
    "If you need help, the Pro plan includes phone support.",
    "Feel free to call 555-0100 for a refund.",
    "I'm glad that it costs $5.",
    "Thanks to the cache, pages load twice as fast.",
    "Welcome packs are sent on Mondays.",
    "Happy customers get a free month.",
    "Would you like the refund of $20 that every customer gets?",
    "退款需要五天。",
)


@pytest.mark.parametrize("sentence", GLUE)
def test_glue_claims_nothing(sentence: str) -> None:
    assert not makes_claim(sentence)


@pytest.mark.parametrize("sentence", CLAIMS)
def test_what_says_something_about_the_world_is_a_claim(sentence: str) -> None:
    assert makes_claim(sentence)


@pytest.mark.parametrize("sentence", CLAIMS)
def test_a_claim_stays_one_behind_a_courtesy_and_in_a_list(sentence: str) -> None:
    assert makes_claim(f"- Sure! {sentence}")
