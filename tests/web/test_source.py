"""The page's files keep their promises: small, self-contained, and no string becomes HTML but in one place."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ragbot.api.routes.page import WEB

STATIC = WEB / "static"
MODULES = sorted(STATIC.glob("*.js"))
FILES = [WEB / "index.html", *sorted(STATIC.iterdir())]
LONGEST_MODULE = 150
LONGEST_FILE = 400

BANNED = {
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTML": "HTML from a string",
    r"\beval\b|new Function|setTimeout\(\s*[\"'`]|javascript:": "code from a string",
    r"(?<![#\w.])(?:window\.|globalThis\.)?(?:alert|confirm|prompt)\(": "a box of the browser's",
    r"\.style\b|cssText|setAttribute\(\s*[\"']style": "an inline style",
    r"\blocalStorage\b|\bcookie\b|\bindexedDB\b": "something that stays on the reader's machine",
    r"\bconsole\.": "talk on the console",
    r"https?://(?!www\.w3\.org/)[a-z]": "another site",
}


def named(path: Path) -> str:
    return path.name


class _Page(HTMLParser):
    """What index.html holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed((WEB / "index.html").read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_files_are_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (LONGEST_MODULE if path.name.endswith(".js") else LONGEST_FILE)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_modules_do_nothing_the_policy_or_good_manners_forbid(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert {why: found for pattern, why in BANNED.items() if (found := re.findall(pattern, text))} == {}


def test_only_one_module_parses_html() -> None:
    assert [path.name for path in MODULES if "DOMParser" in path.read_text(encoding="utf-8")] == ["html.js"]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_modules_and_what_they_export_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**")
    undocumented = re.findall(r"(?<!\*/\n)^export (.{30})", text, re.MULTILINE)
    assert undocumented == []


def test_style_sheets_load_only_files_of_the_page() -> None:
    for path in STATIC.glob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert "@import" not in text
        assert {*re.findall(r"url\((.*?)\)", text)} <= {'"icon.svg"'}


def test_the_page_has_no_inline_script_or_style_and_names_every_file() -> None:
    tags = _Page().tags
    assert "style" not in {tag for tag, _ in tags}
    assert [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"] == []
    assert [attributes["src"] for tag, attributes in tags if tag == "script"] == ["static/main.js"]
    linked = {attributes.get("href") or attributes.get("src") for tag, attributes in tags if tag in ("link", "script")}
    assert linked == {f"static/{path.name}" for path in STATIC.iterdir()}


def test_ids_of_the_page_are_unique_and_those_the_modules_ask_for_exist() -> None:
    found = [attributes["id"] for _, attributes in _Page().tags if "id" in attributes]
    assert len(found) == len({*found})
    asked = {name for path in MODULES for name in re.findall(r'byId\("([\w-]+)"\)', path.read_text(encoding="utf-8"))}
    assert asked <= {*found}
    referred = [
        part
        for _, attributes in _Page().tags
        for name in ("for", "aria-labelledby", "aria-describedby", "popovertarget")
        for part in (attributes.get(name) or "").split()
    ]
    assert {*referred} <= {*found}
