"""Answers as HTML: nothing gets in that could run, load or mislead; markers stay."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.api.html import answer_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![picture](https://evil.example/p.png?leak=1)",
    "[click](javascript:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](vbscript:x)",
    "[click](//evil.example)",
    "[click](/api/v1/conversations)",
    "<a href='javascript:alert(1)'>x</a>",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "<iframe src='//evil.example'></iframe>",
    "<https://x.example/<script>>",
    "`<script>`",
    "| a |\n|:-:|\n| <b onclick=x> |",
    "<div style='position:fixed'>x</div>",
    "&lt;script&gt;",
    "[x]: javascript:alert(1)\n[x]",
    '[a](https://e.example "onmouseover=alert(1)")',
]
ALLOWED = re.compile(
    r"</?(?:a|blockquote|br|code|del|em|h[1-6]|hr|li|ol|p|pre|s|strong|table|tbody|td|th|thead|tr|ul)"
    r"(?: (?:href=\"(?:https?://|mailto:)[^\"<>]*\"|target=\"_blank\"|rel=\"noopener noreferrer nofollow\""
    r"|start=\"\d+\"))*>"
)


def harmless(html: str) -> bool:
    return "<" not in ALLOWED.sub("", html)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_harmless(text: str) -> None:
    html = answer_html(f"Before. {text}\n\n{text}\n")
    assert harmless(html), html
    assert "Before." in html


@given(st.text(alphabet="<>[]()!`*_#|-:/\"'&;= \n\tajx1", max_size=80))
def test_no_text_at_all_comes_out_with_more_than_the_listed_tags(text: str) -> None:
    assert harmless(answer_html(text))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Sent on the first day. [1]", "<p>Sent on the first day. [1]</p>\n"),
        ("Here [1](https://x.example) and [2][3].", "<p>Here [1](https://x.example) and [2][3].</p>\n"),
        ("Here [1]\n\n[1]: https://x.example", "<p>Here [1]</p>\n<p>[1]: https://x.example</p>\n"),
        ("- one [1]\n- **two [12]**", "<ul>\n<li>one [1]</li>\n<li><strong>two [12]</strong></li>\n</ul>\n"),
        ("![a <b> chart](https://x.example/p.png) [1]", "<p>a &lt;b&gt; chart [1]</p>\n"),
    ],
)
def test_markers_stay_text_whatever_stands_around_them(text: str, html: str) -> None:
    assert answer_html(text) == html


def test_links_with_an_address_of_their_own_stay_and_lead_out_of_the_page() -> None:
    html = answer_html("See [the guide](https://example.com/guide) or <mailto:help@example.com>.")
    assert (
        '<a href="https://example.com/guide" target="_blank" rel="noopener noreferrer nofollow">the guide</a>' in html
    )
    assert 'href="mailto:help@example.com"' in html


def test_nothing_makes_rendering_slow() -> None:
    for text in ("[" * 20_000, "*" * 20_000, "[1](" * 5_000, ">" * 5_000, "<a" * 10_000):
        assert harmless(answer_html(text))
