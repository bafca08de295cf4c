"""When a passage holds an answer."""

import pytest

from evals.metrics.matching import holds, words

LONG = "Open the settings page, choose the billing tab and press the button that says cancel my plan at once."


@pytest.mark.parametrize(
    ("passage", "answer"),
    [
        ("Write to us by E-Mail.", "email"),
        ("It costs **£20** a month", "20 a month"),
        ("See [the guide](https://x.org/a) first", "the guide first"),
        ("Use <b>strong</b> keys &amp; locks", "strong keys locks"),
        ("an of\u00adfice at the ﬁrst floor", "office at the first floor"),
        ("価格は二十円です。", "二十円"),
        (f"Before. {LONG} After.", LONG),
        ("Well: " + " ".join(LONG.split()[:16]), LONG),
    ],
)
def test_an_answer_is_found_whatever_its_markup(passage: str, answer: str) -> None:
    assert holds(passage, answer)


@pytest.mark.parametrize(
    ("passage", "answer"),
    [
        ("Take a note of it", "no"),
        ("anything", "***"),
        ("", "yes"),
        ("Open the settings page, choose the billing tab.", LONG),
        (" ".join(reversed(LONG.split())), LONG),
    ],
)
def test_what_only_resembles_the_answer_does_not_hold_it(passage: str, answer: str) -> None:
    assert not holds(passage, answer)


def test_of_a_whole_section_fifty_words_are_enough() -> None:
    section = " ".join(f"word{number}" for number in range(400))
    assert holds(" ".join(section.split()[200:250]), section)
    assert not holds(" ".join(section.split()[200:230]), section)


def test_template_braces_and_link_targets_are_no_words() -> None:
    assert words("See [this]({{root_url}}/a/b.html) {% if x %}now{% endif %}") == ["see", "this", "now"]
