"""A role file that is wrong says where, and what to do."""

from pathlib import Path

import pytest

from ragbot.core.errors import ConfigError
from ragbot.prompts.yaml_file import MOST_BYTES, read_yaml
from tests.prompts.kit import TINY, complaint, library, write

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

WRONG: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "unknown field": ("tone: Flat.", "tones: Flat.", "tones:", ("unknown field tones", "Did you mean 'tone'?")),
    "unknown field inside": (
        "  reading_level: none",
        "  reading_levels: none",
        "  reading_levels",
        ("unknown field audience.reading_levels", "'reading_level'"),
    ),
    "unknown field of a variable": (
        "    default: nobody",
        "    default: nobody\n    defualt: x",
        "    defualt",
        ("unknown field variables.who.defualt", "Did you mean 'default'?"),
    ),
    "missing field": ("tone: Flat.\n", "", "name:", ("the field tone is missing", "docs/roles.md")),
    "missing field inside": ("  thanks: Welcome.\n", "", "wording:", ("the field wording.thanks is missing",)),
    "number for text": ('version: "1"', "version: 1", "version:", ("version: Input should be", "in quotes")),
    "text for a list": (
        "never:\n  - Never move.",
        "never: Never move.",
        "never:",
        ("never: Input should be a valid tuple",),
    ),
    "list for text": ("tone: Flat.", "tone: [Flat]", "tone:", ("tone: Input should be a valid string",)),
    "mapping for a list item": ("    - Hold still.", "    - Hold: still.", "    - Hold", ("rules.system.0: Input",)),
    "empty text": ("tone: Flat.", 'tone: "  "', "tone:", ("tone: it is empty",)),
    "no rule": (
        "  system:\n    - Hold still.",
        "  system: []",
        "  system: []",
        ("rules.system: ", "at least 1 item"),
    ),
    "name with a path in it": ("name: tiny", "name: ../tiny", "name:", ("name: String should match",)),
    "another name than the file's": ("name: tiny", "name: other", "name:", ("is called tiny", "other")),
    "default of the wrong type": (
        "    default: 1",
        "    default: one",
        "  times:",
        ("variables.times: its default is not of type integer",),
    ),
    "true is no number": ("    default: 1", "    default: true", "  times:", ("is not of type integer",)),
    "default that is a list": (
        "    default: 1",
        "    default: [1]",
        "    default: [1]",
        ("variables.times.default: Input",),
    ),
    "unknown type": ("    type: integer", "    type: int", "    type: int", ("variables.times.type", "'integer'")),
    "variable's name": ("  times:", "  Times:", "  Times:", ("variables.Times: String should match",)),
    "variable with a field's name": ("  times:", "  persona:", "  persona:", ("the name persona is taken",)),
    "variable that hides the question": ("  times:", "  question:", "  question:", ("the name question is taken",)),
    "the same field twice": (
        "tone: Flat.",
        "tone: Flat.\ntone: Sharp.",
        "tone: Sharp.",
        ("tone stands here a second time", "line 8"),
    ),
    "the same field twice inside": (
        "  thanks: Welcome.",
        "  thanks: Welcome.\n  thanks: Not at all.",
        "  thanks: Not",
        ("thanks stands here a second time",),
    ),
    "a date": ('version: "1"', "version: 2026-01-31", "version:", ("a timestamp is not allowed", "in quotes")),
    "an object of Python": (
        "tone: Flat.",
        "tone: !!python/object/apply:os.getcwd []",
        "tone:",
        ("python/object/apply:os.getcwd is not allowed",),
    ),
    "an alias": ("tone: Flat.", "tone: &t Flat.\ncitations2: *t", "citations2", ("aliases (*name) are not allowed",)),
    "a merged mapping": ("audience:", "<<: {tone: x}\naudience:", "<<:", ("a field's name must be text",)),
    "a field that is a number": ("tone: Flat.", "tone: Flat.\n1: x", "1: x", ("a field's name must be text",)),
    "a tab": ("tone: Flat.", "\ttone: Flat.", "\ttone", ("this is no YAML",)),
    "a control character": ("tone: Flat.", "tone: Fl\x07at.", "tone:", ("a control character",)),
    "two documents": ("never:", "---\nnever:", "---", ("this is no YAML",)),
    "too long a history": (
        "tone: Flat.",
        "tone: Flat.\nhistory_characters: 1000000",
        "history_characters",
        ("history_characters: Input should be less than or equal to 100000",),
    ),
    "a history of text": (
        "tone: Flat.",
        'tone: Flat.\nhistory_characters: "400"',
        "history_characters",
        ("history_characters: Input should be a valid integer",),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_file_is_named_with_its_line(case: str, tmp_path: Path) -> None:
    old, new, at, says = WRONG[case]
    assert old in TINY
    text = TINY.replace(old, new, 1)
    path = write(tmp_path, text)
    line = text[: text.index(at)].count("\n") + 1

    said = complaint(tmp_path)

    assert said.startswith(f"{path}, line {line}: "), said
    assert all(each in said for each in says), said


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (TINY.replace("tone: Flat.", "tone: [Flat."), ("this is no YAML", ", line ")),
        (TINY.replace("Flat.", "Fl\xe4t.").encode("latin-1"), ("line 8: the file is not UTF-8", "Save it as UTF-8")),
        (TINY.encode("utf-16"), ("line 1: the file is not UTF-8",)),
        ("", ("line 1: the file must hold fields",)),
        ("- a\n- b\n", ("the file must hold fields",)),
        ("just text", ("the file must hold fields",)),
        (BOMB, ("line 2: aliases (*name) are not allowed",)),
        ("a: &a [*a]\n", ("line 1: aliases (*name) are not allowed",)),
        ("[" * 30_000, ("nested too deeply",)),
        ("x: " + "{a: " * 10_000, ("nested too deeply",)),
        ("name: !!int x\n", ("is not what its tag says",)),
        (TINY + "#" * MOST_BYTES, ("is larger than 65,536 bytes",)),
        (b"\x00\x01\x02", ("line 1: a control character",)),
        (b"\x89PNG\r\n\x1a\n", ("line 1: the file is not UTF-8",)),
    ],
    ids=[
        "open bracket", "latin-1", "utf-16", "empty", "list", "text", "bomb", "own alias", "deep list", "deep mapping",
        "wrong tag", "too large", "binary", "picture",
    ],
)  # fmt: skip
def test_a_file_that_is_no_role_at_all(data: str | bytes, says: tuple[str, ...], tmp_path: Path) -> None:
    path = write(tmp_path, data)

    said = complaint(tmp_path)

    assert str(path) in said
    assert all(each in said for each in says), said


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").mkdir()
    assert f"{tmp_path / 'tiny.yaml'} cannot be read: Is a directory" in complaint(tmp_path)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, TINY)
    plain = library(tmp_path).get("tiny")
    write(tmp_path, b"\xef\xbb\xbf" + TINY.replace("\n", "\r\n").encode())
    other = library(tmp_path).get("tiny")

    assert other.system == plain.system
    assert other.id.sha256 != plain.id.sha256, "the hash is over the bytes"


def test_lines_of_texts_that_are_no_blocks_are_those_of_their_start(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: one\nb: >\n  two\n  three\nc: |\n\n  four\n  five\nd:\n  - six\n")
    file = read_yaml(path)

    assert file.line_in(("a",), 1) == 1
    assert file.line_in(("b",), 1) == 2
    assert file.line_in(("c",), 3) == 8
    assert file.line_in(("d", 0), 1) == 10
    assert file.line(("d", 7, "none")) == 9
    assert file.line(("nowhere",)) == 1


def test_what_an_error_came_from_is_kept(tmp_path: Path) -> None:
    write(tmp_path, b"\xff")
    with pytest.raises(ConfigError) as caught:
        library(tmp_path)
    assert isinstance(caught.value.__cause__, UnicodeDecodeError)
