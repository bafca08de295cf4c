"""What supports a claim and what does not, as tables of claims and passages."""

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragbot.core.sentences import sentences
from ragbot.core.types import Grounding
from ragbot.grounding.scorer import LONGEST_CLAIM, SupportScorer
from ragbot.testing.embedder import HashModel

if TYPE_CHECKING:
    from ragbot.core.ports import Grounder

PRICES = "| Plan | Price |\n| --- | --- |\n| Basic | $10 |\n| Pro | $20 |"
PLANS = (
    "| Plan | Monthly | Yearly | SSO |\n|---|---|---|---|\n"
    "| Basic | $10 | $100 | No |\n| Pro | $20 | $200 | Yes |\n| Team | $35 | $350 | ✓ |"
)
SHIPPING = "| Shipping | Time |\n|---|---|\n| Standard | 5 days |\n| Express | 2 days |"
FEATURES = "| Feature | Basic | Enterprise |\n|---|---|---|\n| Phone support | No | Yes |"
RETURNS = "You cannot return:\n\n- Opened software\n- Food\n- Gift cards"
TRIAL = "Trial accounts cannot send attachments. They end after 14 days."
BOTH = "The Basic plan costs $10 and the Pro plan costs $20."
SECTIONS = "## Basic plan\n\nIt costs $10 per month.\n\n## Pro plan\n\nIt costs $20 per month."
MAIL = "Acme Mail supports IMAP. Acme Chat supports video calls."
INBOX = "| Plan | For |\n| --- | --- |\n| Basic | one person |\n| Pro | teams with a shared inbox |"
KEPT = "Acme Chat supports calls. An archive for messages of all members: they are kept for 90 days in Acme Mail."
STORAGE = "## Basic plan\n\nStorage is small.\n\n## Pro plan\n\nStorage is limited to 50 GB for each active member."
CHARGED = "Support is charged at $20 a month for each account, which is the maximum."
CHROMIUM = "The extension works in Chromium on all systems."
LISTED = "Members of the free plan cannot delete, move or rename shared projects."
REPORTS = "Trial accounts have reports of the whole team."
SCANNER = "The scanner scans images. The scanner does not scan encrypted images."
REFUNDS = "Refunds take 5 business days. They are paid by bank transfer. Ask the desk for the form."
MARKDOWN = "You can **export** [your reports](https://x.example/a_b) as `CSV` or *PDF*."
HTML = '<p onclick="alert(1)">Backups run <b>every night</b>.</p>\n<script>alert("$5")</script>'

SUPPORTED = [
    ("Refunds take 5 business days.", REFUNDS, "Refunds take 5 business days."),
    ("Refunds take five business days.", REFUNDS, "Refunds take 5 business days."),
    ("Refunds take 5 business days and are paid by bank transfer.", REFUNDS, REFUNDS[:61]),
    ("The Pro plan costs $20.", BOTH, BOTH),
    ("The Pro plan costs 20 dollars.", PRICES, "| Pro | $20 |"),
    ("The Pro plan costs $20.", PRICES, "| Pro | $20 |"),
    ("Basic costs $10 and Pro costs $20.", PRICES, "| Basic | $10 |\n| Pro | $20 |"),
    ("Pro costs $200 yearly.", PLANS, "| Pro | $20 | $200 | Yes |"),
    ("The Pro plan includes SSO.", PLANS, "| Pro | $20 | $200 | Yes |"),
    ("The Team plan includes SSO.", PLANS, "| Team | $35 | $350 | ✓ |"),
    ("Enterprise includes phone support.", FEATURES, "| Phone support | No | Yes |"),
    ("Express shipping takes 2 days.", SHIPPING, "| Express | 2 days |"),
    ("Gift cards cannot be returned.", RETURNS, RETURNS),
    ("Trial accounts can't send attachments.", TRIAL, "Trial accounts cannot send attachments."),
    ("The Pro plan costs $20 per month.", SECTIONS, "It costs $20 per month."),
    ("Acme Chat supports video calls.", MAIL, "Acme Chat supports video calls."),
    ("You can export your reports as CSV or PDF.", MARKDOWN, MARKDOWN),
    ("Set `max_retries` to 3.", "Set `max_retries` to 3 in `config.yaml`.", "Set `max_retries` to 3 in `config.yaml`."),
    ("The policy took effect on 3 March 2024.", "The policy took effect on March 3, 2024.", None),
    ("The office is open from 9 am to 5 pm.", "The office is open from 9:00 to 17:00.", None),
    ("You can do it all yourself.", "Yes. You can do it all yourself.", "You can do it all yourself."),
    ("It is not what it was.", "It is not what it was.", "It is not what it was."),
]

SUPPORTED_OR_PARTIAL = [
    ("You can export your reports as CSV.", "Reports can be exported in CSV format."),
    ("The trial ends after 14 days.", "Your trial period lasts 14 days, after which it ends."),
    ("The server runs on port 8080.", "The server listens on port 8080 by default."),
    ("Support answers within one day.", "Support answers within 24 hours."),
    ("Messages can be 20 MB at most.", "The limit for a message is 20 MB."),
    ("To purchase a licence, contact the sales team.", "Contact our sales team if you want to buy a licence."),
    ("You must confirm your address first.", "First, you need to verify your address."),
    ("Deleting a project is permanent.", "If you delete a project, this is permanent and cannot be undone."),
    ("The Basic plan does not include SSO.", PLANS),
]

NOT_SUPPORTED = [
    ("number", "Refunds take 7 business days.", REFUNDS),
    ("number in words", "Refunds take seven business days.", REFUNDS),
    ("number of another sentence", "Trials end after 5 days.", "Trials end after 14 days. Refunds take 5 days."),
    ("unit", "Refunds take 5 business hours.", REFUNDS),
    ("currency", "The Pro plan costs €20.", "The Pro plan costs $20."),
    ("scale", "The grant is $5 million.", "The grant is $5 billion."),
    ("date", "The policy took effect on 3 May 2024.", "The policy took effect on March 3, 2024."),
    ("time of day", "The office is open from 9 am to 6 pm.", "The office is open from 9:00 to 17:00."),
    ("version", "Version 2.3.2 is supported.", "Version 2.3.1 is supported."),
    ("identifier", "Set `min_retries` to 3.", "Set `max_retries` to 3 in `config.yaml`."),
    ("negation left out", "Trial accounts can send attachments.", TRIAL),
    ("negation put in", "Refunds are not paid by bank transfer.", REFUNDS),
    ("never", "You can share your password.", "Never share your password."),
    ("listed after not", "Members of the free plan can rename shared projects.", LISTED),
    ("exception left out", "All plans include SSO.", "All plans except Basic include SSO."),
    ("negated lead-in", "Opened software can be returned.", RETURNS),
    ("stricter", "Only admins can delete users.", "Admins can delete users."),
    ("opposite", "Logging is disabled by default.", "Logging is enabled by default."),
    ("product", "Acme Chat supports IMAP.", MAIL),
    ("product with a longer name", "The extension works in Chrome on all systems.", CHROMIUM),
    ("first word", "Slack integrates with the calendar.", "Zoom integrates with the calendar."),
    ("word in the middle", "Use sandbox mode to test webhooks.", "Use header mode to test webhooks."),
    ("price of another plan, sentence", "The Pro plan costs $10.", BOTH),
    ("price of another plan, two sentences", "Pro costs $10.", "Basic costs $10. Pro costs $20."),
    ("price of another plan, table", "The Pro plan costs $10.", PRICES),
    ("prices exchanged", "Basic costs $20 and Pro costs $10.", PRICES),
    ("other column", "Pro costs $200 monthly.", PLANS),
    ("other row, lower case", "Standard shipping takes 2 days.", SHIPPING),
    ("a cell that says no", "The Basic plan includes SSO.", PLANS),
    ("a column that says no", "Basic includes phone support.", FEATURES),
    ("other section", "The Basic plan costs $20 per month.", SECTIONS),
    ("subject of another row", "the basic plan is for teams with a shared inbox.", INBOX),
    (
        "subject named elsewhere",
        "Acme Chat has an archive for messages of all members: they are kept for 90 days.",
        KEPT,
    ),
    ("subject of another section", "On Basic, storage is limited to 50 GB for each active member.", STORAGE),
    ("denied with a word of its own", "Trial accounts cannot see reports of the whole team.", REPORTS),
    ("not without a verb", "This plan may not be for you.", "This plan may be for you."),
    ("part of an identifier", "Set `max_retries` to 3.", "Set `max_retries_total` to 3."),
    ("the other end", "Support is charged at a minimum of $20 a month for each account.", CHARGED),
    ("denied elsewhere", "The scanner scans encrypted images.", SCANNER),
    ("general knowledge", "Paris is the capital of France.", REFUNDS),
    ("on the subject, not in the text", "Refunds need the approval of a manager.", REFUNDS),
    ("an amount in a script", "Backups cost $5.", HTML),
]

OTHER_SCRIPTS = [
    ("我们的退款政策需要15天。", "退款说明。我们的退款政策需要15天。", "supported"),
    ("我们的退款政策需要30天。", "退款说明。我们的退款政策需要15天。", "unsupported"),
    ("试用账户的所有用户都不能在周末发送任何大型附件。", "试用账户的所有用户都能在周末发送任何大型附件。", "partial"),
    ("返金には5日かかります。", "返金には5日かかります。窓口でご確認ください。", "supported"),
    ("Возврат занимает пять дней.", "Возврат занимает пять дней. Обратитесь в поддержку.", "supported"),
    ("Возврат не занимает пять дней.", "Возврат занимает пять дней.", "unsupported"),
    ("Die Rückgabe dauert nicht fünf Tage.", "Die Rückgabe dauert fünf Tage.", "unsupported"),
    ("Die Rückgabe dauert fünf Tage.", "Die Rückgabe dauert fünf Tage.", "supported"),
    ("يستغرق رد الأموال 5 أيام.", "يستغرق رد الأموال 5 أيام.", "supported"),
    ("धनवापसी में 5 दिन लगते हैं।", "धनवापसी में 5 दिन लगते हैं।", "supported"),
    ("Refunds take five days.", "我们的退款政策需要15天。", "unsupported"),
]


def judged(claim: str, passage: str, context: str = "") -> Grounding:
    return SupportScorer().judge(claim, [passage], [context])[0]


def quote(found: Grounding, passage: str) -> str:
    return passage[found.start : found.end]


@pytest.mark.parametrize(("claim", "passage", "quoted"), SUPPORTED)
def test_what_the_passage_says_is_supported_and_quoted(claim: str, passage: str, quoted: str | None) -> None:
    found = judged(claim, passage)
    assert found.support == "supported"
    assert quote(found, passage) == (quoted or passage)


@pytest.mark.parametrize(("claim", "passage"), SUPPORTED_OR_PARTIAL)
def test_a_paraphrase_with_the_same_facts_is_supported_at_least_in_part(claim: str, passage: str) -> None:
    assert judged(claim, passage).support != "unsupported"


@pytest.mark.parametrize(
    ("claim", "passage"), [row[1:] for row in NOT_SUPPORTED], ids=[row[0] for row in NOT_SUPPORTED]
)
def test_a_changed_fact_is_not_supported(claim: str, passage: str) -> None:
    assert judged(claim, passage).support != "supported"


@pytest.mark.parametrize(("claim", "passage", "support"), OTHER_SCRIPTS)
def test_other_scripts_are_read_too(claim: str, passage: str, support: str) -> None:
    assert judged(claim, passage).support == support


@pytest.mark.parametrize("claim", ["", " \n ", "...", "?!", "👍", "**", "|---|", "\u200b"])
def test_a_claim_without_words_is_supported_by_nothing(claim: str) -> None:
    assert judged(claim, REFUNDS) == Grounding("unsupported", 0.0, 0, 0)


@pytest.mark.parametrize("passage", ["", "\n\n", "---", "👍", "| --- |"])
def test_a_passage_without_words_supports_nothing(passage: str) -> None:
    assert judged("Refunds take 5 business days.", passage) == Grounding("unsupported", 0.0, 0, 0)


@pytest.mark.parametrize(
    "claim",
    [
        "Backups run every night.",
        "- Refunds take 5 business days.",
        "1. Ask the desk for the form.",
        "**Payment**: Refunds are paid by bank transfer.",
        "Refunds are paid by bank transfer. 3.",
    ],
)
def test_markup_around_a_claim_or_a_passage_does_no_harm(claim: str) -> None:
    assert max(found.score for found in SupportScorer().judge(claim, [HTML, REFUNDS])) >= 0.6


def test_the_verdicts_stand_in_the_order_of_the_passages() -> None:
    found = SupportScorer().judge("The Pro plan costs $20.", [REFUNDS, BOTH, PRICES, TRIAL])
    assert [each.support for each in found] == ["unsupported", "supported", "supported", "unsupported"]


def test_the_nearest_denial_outweighs_a_sentence_that_shares_fewer_words() -> None:
    assert judged("The scanner scans encrypted images.", SCANNER).support == "unsupported"
    assert judged("The scanner scans images.", SCANNER).support == "supported"


def test_a_title_over_the_passage_lends_its_words() -> None:
    claim, passage = "The Pro plan costs $20 per month.", "It costs $20 per month."
    assert judged(claim, passage).support != "supported"
    found = judged(claim, passage, "Prices > Pro plan")
    assert (found.support, quote(found, passage)) == ("supported", passage)
    assert judged("The Basic plan costs $20 per month.", passage, "Prices > Pro plan").support != "supported"


def test_an_ambiguous_he_supports_at_most_in_part() -> None:
    passage = "The film stars Jackie Chan and Owen Wilson. He also voiced Lightning McQueen."
    assert judged("Jackie Chan also voiced Lightning McQueen.", passage).support != "supported"


def test_a_long_list_is_quoted_by_its_item_alone() -> None:
    passage = "You cannot return:\n\n" + "\n".join(f"- Article {word}" for word in "abcdefghij" * 4) + "\n- Gift cards"
    found = judged("Gift cards cannot be returned.", passage)
    assert (found.support, quote(found, passage)) == ("supported", "Gift cards")


async def test_the_port_is_kept_and_requests_do_not_disturb_each_other() -> None:
    grounder: Grounder = SupportScorer()
    cases = [(claim, passage) for claim, passage, _ in SUPPORTED] * 3
    together = await asyncio.gather(*(grounder.check(claim, [passage]) for claim, passage in cases))
    assert [found[0] for found in together] == [judged(claim, passage) for claim, passage in cases]
    assert await grounder.check("Refunds take 5 days.", []) == []


class CountingModel(HashModel):
    """Says that all texts mean the same, or the opposite, and keeps the batches."""

    def __init__(self, cosine: float) -> None:
        super().__init__()
        self.cosine = cosine
        self.batches: list[list[str]] = []

    def embed_documents(self, texts):  # type: ignore[no-untyped-def]
        import numpy as np

        self.batches.append(list(texts))
        vectors = np.zeros((len(texts), 2), dtype=np.float32)
        vectors[:, 0], vectors[:, 1] = self.cosine, (1 - self.cosine**2) ** 0.5
        vectors[0] = (1.0, 0.0)
        return vectors


DOUBTFUL = ("The desk hands out forms for paying back money.", REFUNDS)


def test_nearness_of_meaning_moves_a_doubtful_claim_but_never_to_supported() -> None:
    near, far = (SupportScorer(CountingModel(cosine)).judge(DOUBTFUL[0], [DOUBTFUL[1]])[0] for cosine in (1.0, 0.1))
    alone = judged(*DOUBTFUL)
    assert far.score < alone.score < near.score
    assert near.support == "partial"


def test_only_doubtful_pieces_are_embedded_and_only_a_few() -> None:
    model = CountingModel(0.9)
    scorer = SupportScorer(model)
    scorer.judge("Refunds take 5 business days.", [REFUNDS])
    scorer.judge("Refunds take 7 business days.", [REFUNDS])
    scorer.judge("Paris is the capital of France.", [REFUNDS])
    assert model.batches == [], "what words decide needs no model"
    scorer.judge(DOUBTFUL[0], [f"{REFUNDS} Case {n}." for n in range(7)])
    assert [len(batch) for batch in model.batches] == [5], "the claim and four pieces, in one batch"


def test_a_swapped_word_stays_partial_however_near_the_embedder_finds_it() -> None:
    found = SupportScorer(CountingModel(1.0)).judge("Zoom integrates with Slack.", ["Teams integrates with Slack."])[0]
    assert found.support != "supported"


@pytest.mark.parametrize(
    "filler", ["Another sentence about forms and desks. ", "wordwithoutend ", "- item\n", "| a | 1 |\n"]
)
def test_twenty_thousand_characters_are_read_in_bounded_time(filler: str) -> None:
    passage = (filler * (20_000 // len(filler))) + "\n\nRefunds take 5 business days."
    started = time.process_time()
    found = judged("Refunds take 5 business days.", passage)
    assert time.process_time() - started < 1.0
    assert quote(found, passage).endswith("Refunds take 5 business days.")


@pytest.mark.parametrize(
    "claim", ["refund " * 100_000, "$1 " * 100_000, "](a" * 100_000, "a." * 100_000, "`" * 100_000]
)
def test_an_endless_claim_is_refused_in_bounded_time(claim: str) -> None:
    assert len(claim) > LONGEST_CLAIM
    started = time.process_time()
    assert judged(claim, REFUNDS).support == "unsupported"
    assert time.process_time() - started < 1.0


def test_what_is_too_long_for_a_sentence_is_not_even_supported_by_itself() -> None:
    claim = "Refunds take 5 days and " * 200
    assert judged(claim, claim).support == "unsupported"
    assert judged(claim[:100], claim[:100]).support == "supported"


TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
BITS = (
    "Refunds take 5 days.", "- Gift cards", "| Pro | $20 |", "| Plan | Price |\n| --- | --- |", "## Prices", "It is.",
    "Why not?", "not", "\n\n", "1.", "3 March 2024", "9:00", "https://x.example/a", "`code`", "不能", "1,000,000 GB",
)  # fmt: skip
PIECES = st.lists(st.sampled_from(BITS), max_size=12).map(" \n".join)


@settings(max_examples=150, deadline=None)
@given(claim=TEXT | PIECES, passage=TEXT | PIECES)
def test_any_text_gets_a_verdict_with_a_trimmed_quote(claim: str, passage: str) -> None:
    found = judged(claim, passage)
    assert 0.0 <= found.score <= 1.0
    assert 0 <= found.start <= found.end <= len(passage)
    assert quote(found, passage) == quote(found, passage).strip()


@settings(max_examples=100, deadline=None)
@given(passage=PIECES)
def test_every_sentence_of_a_passage_is_supported_by_it(passage: str) -> None:
    for each in sentences(passage):
        said = passage[each.start : each.end]
        if each.kind != "row" and any(character.isalnum() for character in said):
            assert judged(said, passage).support == "supported", said
