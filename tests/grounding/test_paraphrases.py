"""Paraphrases as a model writes them: the same facts in other words."""

import pytest

from ragbot.grounding.scorer import SupportScorer

PARAPHRASES = [
    (
        "You can request a refund up to 30 days after purchase.",
        "Customers may request a refund within 30 days of purchase.",
    ),
    (
        "Refunds can be requested within 30 days of the purchase.",
        "Customers may request a refund within 30 days of purchase.",
    ),
    (
        "Employees get 25 vacation days per year.",
        "Every employee is entitled to 25 days of paid vacation per calendar year.",
    ),
    (
        "Employees are entitled to 25 days of paid vacation a year.",
        "Every employee is entitled to 25 days of paid vacation per calendar year.",
    ),
    (
        "Your password must have at least 12 characters.",
        "Passwords must be at least 12 characters long and contain a number.",
    ),
    (
        "Passwords need at least 12 characters and a number.",
        "Passwords must be at least 12 characters long and contain a number.",
    ),
    (
        "To reset your password, click Forgot password on the sign-in page.",
        "On the sign-in page, click **Forgot password** to reset your password.",
    ),
    ("The API allows 100 requests per minute.", "The API is limited to 100 requests per minute per key."),
    ("You can invite up to 10 members on the free plan.", "The free plan allows up to 10 members to be invited."),
    ("Orders over $50 ship for free.", "Shipping is free for orders over $50."),
    ("Standard delivery takes three to five working days.", "Standard delivery: 3–5 business days."),
    ("The warranty lasts two years.", "All devices come with a 24-month warranty."),
    ("The warranty lasts two years.", "All devices come with a two-year warranty."),
    (
        "Support is available from Monday to Friday.",
        "Our support team is available Monday through Friday, 9:00 to 17:00.",
    ),
    ("Support isn't available on weekends.", "Support is not available on weekends."),
    ("Data is kept for 90 days and then deleted.", "We keep your data for 90 days, after which it is deleted."),
    ("Your data is deleted after 90 days.", "We keep your data for 90 days, after which it is deleted."),
    (
        "Remote employees can get a $500 home office allowance.",
        "Employees who work remotely receive a one-time allowance of $500 for their home office.",
    ),
    ("The device is waterproof to a depth of 50 metres.", "It is waterproof down to 50 m."),
    ("Invoices are sent on the first of each month.", "We send invoices on the first day of every month."),
    ("You need administrator rights to install the plugin.", "Installing the plugin requires administrator rights."),
    (
        "If you cancel your subscription, you keep access until the end of the billing period.",
        "After cancelling a subscription, access remains until the end of the current billing period.",
    ),
    ("The Team plan supports single sign-on.", "Single sign-on (SSO) is available on the Team and Enterprise plans."),
    (
        "Enterprise customers get a dedicated account manager.",
        "A dedicated account manager is included for Enterprise customers.",
    ),
    ("The company was founded in 1998 in Berlin.", "Founded in Berlin in 1998, the company now employs 300 people."),
]


@pytest.mark.parametrize(("claim", "passage"), PARAPHRASES)
def test_a_paraphrase_is_supported_at_least_in_part(claim: str, passage: str) -> None:
    assert SupportScorer().judge(claim, [passage])[0].support != "unsupported"


def test_most_paraphrases_are_supported() -> None:
    verdicts = [SupportScorer().judge(claim, [passage])[0].support for claim, passage in PARAPHRASES]
    assert (len(verdicts), verdicts.count("supported")) >= (25, 16), "docs/grounding.md quotes these figures"
