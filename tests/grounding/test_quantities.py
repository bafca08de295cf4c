"""Figures with their units, whatever they are written like."""

import pytest

from ragbot.grounding.quantities import quantities, unit_named
from ragbot.grounding.words import clean

SAME = [
    ("$20", "20 dollars"),
    ("$20", "USD 20"),
    ("€1,200.50", "1.200,50 EUR"),
    ("$1.5 million", "$1,500,000"),
    ("five business days", "5 business days"),
    ("a 5-day trial", "5 days"),
    ("24 hours", "1 day"),
    ("one day", "a day"),
    ("12 months", "one year"),
    ("10GB", "10 gigabytes"),
    ("1000 MB", "1 GB"),
    ("30%", "30 percent"),
    ("50 m", "50 metres"),
    ("9 am", "9:00"),
    ("5 p.m.", "17:00"),
    ("3 March 2024", "March 3rd, 2024"),
    ("3 March 2024", "2024-03-03"),
    ("March 2024", "3 March 2024"),
    ("3 March", "3 March 2024"),
    ("2024", "3 March 2024"),
    ("twenty-five", "25"),
    ("two hundred", "200"),
    ("5 days", "3 to 5 days"),
    ("3 days", "3–5 days"),
    ("$20", "$10-20"),
    ("1,000", "1000"),
    ("15", "需要15天"),
]

DIFFERENT = [
    ("$20", "€20"),
    ("$20", "$200"),
    ("5 days", "5 hours"),
    ("5 days", "15 days"),
    ("5 GB", "5 MB"),
    ("$5 million", "$5 billion"),
    ("9 am", "9 pm"),
    ("3 March 2024", "3 May 2024"),
    ("3 March 2024", "March 2024"),
    ("20", "E20"),
    ("20", "ERR-20"),
    ("20", "v20"),
    ("20", "20.5"),
    ("20", "120"),
]


def held(one: str, other: str) -> float:
    """How far the first figure of one text stands in another."""
    figures = [quantity for quantity in quantities(clean(one)) if not quantity.soft]
    return min((quantity.held_by(quantities(clean(other))) for quantity in figures), default=0.0)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_figure_is_found_in_another_spelling(one: str, other: str) -> None:
    assert held(one, other) == 1.0


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_figure_is_not_found(one: str, other: str) -> None:
    assert held(one, other) == 0.0


def test_a_number_without_its_unit_counts_half_unless_the_unit_is_named_nearby() -> None:
    assert held("5 days", "5") == 0.5
    assert unit_named(quantities("5 days")[0], ["time", "days"])
    assert not unit_named(quantities("5 days")[0], ["time", "hours"])


@pytest.mark.parametrize("text", ["", "no figures here", "version 3.2.1", "IPv6", "config.v2", "a cat", "1" * 400])
def test_what_is_no_figure_is_not_read_as_one(text: str) -> None:
    assert [quantity for quantity in quantities(text) if not quantity.soft] == []


def test_figures_point_at_their_place() -> None:
    text = "From 3 March 2024 the fee is $20."
    assert [text[each.start : each.end] for each in quantities(text.casefold()) if not each.soft] == [
        "3 March 2024",
        "20",
    ]
