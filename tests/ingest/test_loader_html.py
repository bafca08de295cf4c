"""Web pages: the content, nothing but the content, and never nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.loader_helpers import load

LONG = "The answer is long enough to be the content of this page. " * 10


def page(body: str, head: str = "") -> str:
    """A whole page with that body."""
    return f"<!doctype html><html lang='en'><head><title>T</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<h2>A <em>b</em></h2><p>c\n d</p>", "## A b\n\nc d"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b"),
        ("<dl><dt>Q<dd>A</dl>", "**Q**\n\nA"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<pre><code class='language-py'>x = 1\n  y</code></pre>", "```py\nx = 1\n  y\n```"),
        ("<p>run <code>ls</code> now</p>", "run `ls` now"),
        ("a<br>b", "a\nb"),
        ("<p>10<sup>3</sup> and H<sub>2</sub>O</p>", "10³ and H₂O"),
        ("<a href='https://example.com'>x</a> <a href='/y'>y</a>", "[x](https://example.com) y"),
        ("<img alt='Chart' src='data:image/png;base64,AAAA'>", "Chart"),
        ("<p># not a heading</p>", "\\# not a heading"),
        ("<details><summary>Q</summary>A</details>", "**Q**\n\nA"),
    ],
)
def test_markup_becomes_light_markdown(body: str, text: str) -> None:
    assert load("a.html", page(body)).text == text


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("<tr><th>A<th>B<tr><td>1<td>2|3", "| A | B |\n| --- | --- |\n| 1 | 2\\|3 |"),
        ("<tr><td colspan=2>Title<tr><td>A<td>B<tr><td>1<td>2", "Title\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"),
        ("<tr><th>A<th>B<tr><td rowspan=2>x<td>1<tr><td>2", "| A | B |\n| --- | --- |\n| x | 1 |\n| x | 2 |"),
        ("<tr><th>K<td>1<tr><th>L<td>2", "|  |  |\n| --- | --- |\n| K | 1 |\n| L | 2 |"),
        ("<tr><td><p>only</p><p>layout</p>", "only\n\nlayout"),
        (
            "<caption>C</caption><tr><th>A<th>B<tr><td><ul><li>1<li>2</ul><td>3",
            "**C**\n\n| A | B |\n| --- | --- |\n| 1; 2 | 3 |",
        ),
    ],
)
def test_tables_become_pipe_tables(table: str, text: str) -> None:
    assert load("a.html", page(f"<table>{table}</table>")).text == text


@pytest.mark.parametrize(
    "junk",
    [
        "<nav>JUNK</nav>",
        "<header>JUNK</header>",
        "<footer>JUNK</footer>",
        "<script>JUNK</script>",
        "<style>JUNK</style>",
        "<div class='cookie-banner'>JUNK</div>",
        "<div hidden>JUNK</div>",
        "<div style='display: none'>JUNK</div>",
        "<span aria-hidden=true>JUNK</span>",
        "<div role=navigation>JUNK</div>",
        "<button>JUNK</button>",
        "<!-- JUNK -->",
        "<template>JUNK</template>",
        "<ul class='breadcrumb'><li>JUNK</ul>",
    ],
)
def test_what_is_not_content_goes(junk: str) -> None:
    assert "JUNK" not in load("a.html", page(f"{junk}<p>{LONG}</p>")).text


def test_a_page_that_is_all_navigation_is_not_emptied() -> None:
    assert "Opening hours" in load("a.html", page("<nav>Opening hours: 9 to 5</nav>")).text


def test_content_beside_a_tiny_main_element_is_kept() -> None:
    assert LONG.strip() in load("a.html", page(f"<main>x</main><div>{LONG}</div>")).text


def test_the_collapsed_answer_of_an_accordion_is_content() -> None:
    body = "<h3><button aria-controls=a1>How?</button></h3><div id=a1 hidden>Like this.</div>"
    assert load("a.html", page(body)).text == "### How?\n\nLike this."


def test_title_language_and_description_are_read() -> None:
    document = load(
        "a.html", page("<h1>H</h1>x", "<meta name=description content='About it'><meta name=author content=Me>")
    )
    assert document.title == "T"
    assert document.metadata["lang"] == "en"
    assert document.metadata["description"] == "About it"
    assert document.metadata["author"] == "Me"


RUSSIAN = "Чтобы сбросить пароль, откройте настройки и нажмите кнопку. " * 3


@pytest.mark.parametrize("declared", ["windows-1251", "utf-8", "iso-8859-1", "nonsense"])
def test_a_wrong_declared_charset_is_doubted(declared: str) -> None:
    html = f"<html><head><meta charset={declared}></head><body><p>{RUSSIAN}</p>"
    assert RUSSIAN.strip() in load("a.html", html.encode("cp1251")).text


def test_a_charset_declared_after_a_long_preamble_is_found() -> None:
    html = "<html><head><!--" + "x" * 60_000 + "--><meta charset=windows-1252></head><body>5 € für Öl</body>"
    assert load("a.html", html.encode("cp1252")).text == "5 € für Öl"


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "blockquote", "table><tr><td", "font", "a href=x"])
def test_ten_thousand_nested_elements_do_not_crash(tag: str) -> None:
    text = load("a.html", page(f"<{tag}>" * 10_000 + "deep" + "<p>after</p>")).text
    assert "deep" in text
    assert "after" in text


def test_external_entities_are_not_read() -> None:
    html = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>safe &x; text</p></body></html>'
    text = load("a.html", html).text
    assert "root:" not in text
    assert "safe" in text


TAGS = [
    "<h1>",
    "</h1>",
    "<h2>",
    "<p>",
    "</p>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<pre>",
    "</pre>",
]


@given(st.lists(st.sampled_from([*TAGS, "# x", "```", "a", "\n", "é\u200b", "|", "<br>"]), max_size=40))
def test_offsets_point_at_heading_lines_whatever_the_page(parts: list[str]) -> None:
    document = load("a.html", "<p>word</p>" + " ".join(parts))
    for heading in document.headings:
        assert document.text[heading.char_start :].startswith("#" * heading.level + " ")
