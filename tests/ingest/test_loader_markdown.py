"""Markdown as authors and site generators write it, and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.errors import DocumentError
from ragbot.core.types import Heading
from tests.ingest.loader_helpers import load


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("See [here]({{root_url}}/x/).", "See here."),
        ("See [here](../x.md#y).", "See here."),
        ("See [here](https://example.com/a_(b)).", "See [here](https://example.com/a_(b))."),
        ('Write [us](mailto:a@example.com "Mail").', "Write [us](mailto:a@example.com)."),
        (
            "[a][ref] and [ref].\n\n[ref]: https://example.com",
            "[a](https://example.com) and [ref](https://example.com).",
        ),
        ("![Diagram](x.png) ![](y.png)", "Diagram"),
        ("![x](data:image/png;base64,AAAA) text", "x text"),
        ("a<br>b", "a\nb"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ('<call-out type="warning">\n\nCareful.\n\n</call-out>', "Careful."),
        ('<Card title="Install it" icon="x">\nRun it.\n</Card>', "**Install it**\n\nRun it."),
        ('<promo linktext="BUY" link="https://example.com/b">\nText\n</promo>', "[BUY](https://example.com/b)\n\nText"),
        ("Use <your-api-key> or <YOUR_DOMAIN> or <email@x>.", "Use <your-api-key> or <YOUR_DOMAIN> or <email@x>."),
        ("Dear <title> <name>, see <https://example.com>.", "Dear <title> <name>, see <https://example.com>."),
        ("`<br>` and <code>{{name}}</code>", "`<br>` and `{{name}}`"),
        ('Ask {% slack_channel "talent" "the Talent team" %}.', "Ask the Talent team."),
        ('See [it]({% page "/x/y" %}).', "See it."),
        ('{% include "a.html" %}Text{: .note}', "Text"),
        ('{% hint style="info" %}\nHi\n{% endhint %}', "Hi"),
        ('{{< note title="Beware" >}}\nHi\n{{< /note >}}', "Beware Hi"),
        ("a <!-- secret --> b", "a  b"),
        ("Tom &amp; Jerry&nbsp;&lt;x&gt; ?a=1&copy=2", "Tom & Jerry <x> ?a=1&copy=2"),
        ("snake\\_case \\[x\\]", "snake_case [x]"),
        ("soft\nwrapped\nlines", "soft wrapped lines"),
        ("- an item\n  goes on\n- next", "- an item goes on\n- next"),
        ("hard  \nbreak", "hard\nbreak"),
        ("| a | b |\n|---|---|\n| 1<br>2 | 3 |", "| a | b |\n|---|---|\n| 1 2 | 3 |"),
        ("> [!WARNING]\n> Hot.", "> **Warning**\n> Hot."),
        (":::tip My tip\nDo it.\n:::", "**My tip**\n\nDo it."),
        ('!!! note "Read"\n    This.', "**Read**\n\nThis."),
        ("<details><summary>More</summary>\nInside\n</details>", "**More**\n\nInside"),
        ("<ol><li>One</li><li>Two</li></ol>", "1. One\n2. Two"),
    ],
)
def test_markup_is_cleaned_to_what_a_reader_sees(markdown: str, text: str) -> None:
    assert load("a.md", markdown).text == text


def test_code_is_never_cleaned() -> None:
    code = "```html\n<p>{{ name }}</p> <!-- x --> [a](b.md) {% if x %} \\_\n# no heading\n```"
    document = load("a.md", f"# Title\n\n{code}\n\nAfter `<b>{{{{x}}}}</b>`.")
    assert code in document.text
    assert "`<b>{{x}}</b>`" in document.text
    assert [heading.title for heading in document.headings] == ["Title"]


def test_code_inside_a_vendor_tag_is_never_cleaned() -> None:
    text = load("a.md", "<code-group>\n```js\nconst a = <b>{{x}}</b>;\n```\n</code-group>").text
    assert text == "```js\nconst a = <b>{{x}}</b>;\n```"


def test_indented_code_becomes_fenced_code() -> None:
    assert load("a.md", "Run:\n\n    make <target>\n\nDone.").text == "Run:\n\n```\nmake <target>\n```\n\nDone."


def test_an_html_table_becomes_a_pipe_table_even_with_blank_and_indented_lines() -> None:
    table = "<table>\n\n    <tr><th>A</th><th>B</th></tr>\n\n    <tr><td>1</td><td>[x](y.md)</td></tr>\n</table>"
    assert load("a.md", table).text == "| A | B |\n| --- | --- |\n| 1 | x |"


def test_headings_of_every_kind_are_found_with_plain_titles() -> None:
    source = (
        "Big *one*\n===\n\nSmall\n---\n\n###Loose\n\n<h4>Tagged</h4>\n\n## With `code` [link](x) ##\n\n## Id {#here}"
    )
    document = load("a.md", source)
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "Big one"),
        (2, "Small"),
        (3, "Loose"),
        (4, "Tagged"),
        (2, "With code link"),
        (2, "Id"),
    ]


def test_front_matter_gives_title_labels_and_metadata() -> None:
    document = load(
        "a.md", "---\ntitle: My *page*\naccess: [staff, hr]\ndate: 2024-05-01\ntags: [a]\n---\n# Other\n\nText"
    )
    assert document.title == "My page"
    assert document.labels == ("staff", "hr")
    assert document.metadata["date"] == "2024-05-01"
    assert document.text == "# Other\n\nText"


@pytest.mark.parametrize(("source", "title"), [("# First\n\n# Second", "First"), ("Text", "Getting started")])
def test_the_title_comes_from_the_first_heading_or_the_file_name(source: str, title: str) -> None:
    assert load("getting-started.md", source).title == title


def test_broken_front_matter_is_kept_as_text_with_a_warning() -> None:
    document = load("a.md", "---\ntitle: [oops\n---\nText")
    assert "oops" in document.text
    assert document.warnings


@pytest.mark.parametrize(
    "access", ["access: {a: b}", "access:", "access: []", "access: [1]", "access: staff\nx: [oops"]
)
def test_an_access_entry_that_cannot_be_read_never_becomes_public(access: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load("a.md", f"---\n{access}\n---\nSecret")
    assert caught.value.reason_code == "access"


@pytest.mark.parametrize(
    "block",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "\n".join(
            f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "a: &a [*a]",
        "a: " + "[" * 5000,
        "when: 2021-13-45",
    ],
    ids=["multiplying anchors", "recursive anchor", "deep", "impossible date"],
)
def test_hostile_front_matter_is_kept_as_text(block: str) -> None:
    assert load("a.md", f"---\n{block}\n---\nText").warnings


@pytest.mark.parametrize(
    "source",
    [
        "> " * 5_000 + "x",
        "- " * 3_000 + "x",
        "[" * 20_000 + "x",
        "![" * 10_000 + "x",
        "<" * 20_000 + "x",
        "<a " * 10_000 + "x",
        "`" * 20_001 + "x",
        "`a" * 10_000 + "x",
        "{% " * 10_000 + "x",
        "{{<" * 10_000 + "x",
        "<!--" * 10_000 + "x",
        "-->" + "<!--" * 10_000 + "x",
        "<script>" * 5_000 + "</style>x",
        "<table>" * 3_000 + "x",
        "<code>" * 5_000 + "x",
        "**" * 10_000 + "x",
        "[a](" * 5_000 + "x",
        "[x]: " * 5_000 + "x",
        "# " + "*" * 10_000 + "x",
        "\\" * 20_000 + "x",
        " " * 50_000 + "x",
    ],
    ids=lambda source: source[:6],
)
def test_hostile_markup_is_read_quickly(source: str) -> None:
    assert "x" in load("a.md", source + "\n\nend").text


@given(st.text(st.sampled_from("#=-` \n>*_[](){}<>/%|~\\ab1.:!\té\u200b\u00ad"), max_size=200))
def test_offsets_point_at_heading_lines_whatever_the_source(source: str) -> None:
    document = load("a.md", f"word {source}")
    for heading in document.headings:
        line = document.text[heading.char_start :].split("\n", 1)[0]
        assert line.startswith("#" * heading.level + " ")
        assert heading.char_start == 0 or document.text[heading.char_start - 1] == "\n"


def test_heading_offsets_are_exact_after_cleaning() -> None:
    document = load("a.md", "\ufeff\r\n\r\nIntro\u200b &nbsp; \r\n\r\n\r\n\r\n#\tTwo\r\nText")
    (heading,) = document.headings
    assert heading == Heading(1, "Two", document.text.index("# Two"))
