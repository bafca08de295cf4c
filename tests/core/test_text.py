"""What the embedder and the keyword index read of light Markdown."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.text import breadcrumb, embedding_text, fold, plain_text, quoted_text

PLAIN = [
    ("# Title", "Title"),
    ("###### Deep", "Deep"),
    ("#hashtag", "#hashtag"),
    ("- item\n- other", "item other"),
    ("> quoted", "quoted"),
    ("some **bold** and *slanted* and ~~gone~~", "some bold and slanted and gone"),
    ("`code` and ``more``", "code and more"),
    ("snake_case_name stays", "snake_case_name stays"),
    ("_slanted_ words", "slanted words"),
    ("[a link](https://example.org/a_(b)) here", "a link here"),
    ('[titled](x.md "A title") link', "titled link"),
    ("![picture](x.png)", "picture"),
    ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a b 1 2"),
    ("```python\nprint(1)\n```", "print(1)"),
    (r"1\. not a list \*and\* no emphasis", "1. not a list *and* no emphasis"),
    ("   spread \n\n\t out  ", "spread out"),
    ("", ""),
    ("---", ""),
    ("- 5 - 3 = 2", "5 - 3 = 2"),
    ("密码 重置 🔑", "密码 重置 🔑"),
]


@pytest.mark.parametrize(("markdown", "words"), PLAIN, ids=[repr(each[0])[:24] for each in PLAIN])
def test_markup_goes_and_words_stay(markdown: str, words: str) -> None:
    assert plain_text(markdown) == words


@given(st.text())
def test_plain_text_is_one_trimmed_line_without_pipes(text: str) -> None:
    found = plain_text(text)
    assert found == " ".join(found.split())
    assert "|" not in found


@given(st.text(st.characters(categories=["L", "N"])))
def test_words_alone_are_left_as_they_are(text: str) -> None:
    assert plain_text(text) == text


HOSTILE = {
    "spaces after a newline": "\n" + " " * 200_000 + "b",
    "spaces after a pipe": "|" + " " * 200_000 + "b",
    "open links": "[a](" * 50_000,
    "open brackets": "[" * 200_000,
    "nested parentheses": "[a](b(c)" + "(c)" * 50_000,
    "dashes": "-" * 200_000 + "x",
    "table rules": "|--" * 60_000 + "x",
    "stars": "*" * 200_000,
    "fences": "```\n" * 50_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_quadratic_time(text: str) -> None:
    started = time.perf_counter()
    plain_text(text)
    assert time.perf_counter() - started < 2


CRUMBS: list[tuple[str, tuple[str, ...], str]] = [
    ("Guide", ("Setup", "Linux"), "Guide > Setup > Linux"),
    ("Guide", ("guide", "Setup"), "Guide > Setup"),
    ("", ("Setup",), "Setup"),
    ("Guide", (), "Guide"),
    ("", (), ""),
    ("A", ("", "B", "b", "A"), "A > B"),
]


@pytest.mark.parametrize(("title", "path", "expected"), CRUMBS)
def test_a_breadcrumb_says_each_thing_once(title: str, path: tuple[str, ...], expected: str) -> None:
    assert breadcrumb(title, path) == expected


def test_the_embedder_reads_the_breadcrumb_and_the_plain_words() -> None:
    assert embedding_text("Guide > Setup", "- **Install** it") == "Guide > Setup\nInstall it"
    assert embedding_text("", "# Title") == "Title"


def test_folding_forgets_case_width_and_spaces() -> None:
    assert fold("  ＡＢＣ\n ﬁne  Straße ") == "abc fine strasse"


@pytest.mark.parametrize(
    ("markdown", "quoted"),
    [
        ("The box measures 60 * 40 * 30 cm.", "The box measures 60 * 40 * 30 cm."),
        ("Delete with `rm *.tmp *.log` now.", "Delete with `rm *.tmp *.log` now."),
        ("It needs a file `__init__.py`.", "It needs a file `__init__.py`."),
        ("It is **very** _nice_ ~~now~~.", "It is very nice now."),
        ("See [the page](https://x.org/a) or `[x](http://a)`.", "See the page or `[x](http://a)`."),
        ("| Pro | **20** |", "Pro 20"),
        ("a_b_c and 2**3", "a_b_c and 2**3"),
    ],
)
def test_a_quote_keeps_what_means_something(markdown: str, quoted: str) -> None:
    assert quoted_text(markdown) == quoted
