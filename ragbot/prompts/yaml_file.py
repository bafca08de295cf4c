"""Reading a YAML file that people edit: of bounded size, without surprises, and with the line of every value."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ragbot.core.errors import ConfigError

MOST_BYTES = 65_536
_PLAIN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq"))

Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the line of its key, that of its text, and whether the text keeps its lines (``|``)."""

    line: int
    text_line: int
    literal: bool


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A mapping as read from ``path``; ``data`` are the file's bytes, ``places`` knows every key and list item."""

    path: Path
    data: bytes
    tree: Mapping[str, Any]
    places: Mapping[Where, Place]

    def line(self, where: Where) -> int:
        """The line, from 1, of this value or of the nearest one around it."""
        while where and where not in self.places:
            where = where[:-1]
        return self.places[where].line if where else 1

    def line_in(self, where: Where, inner: int) -> int:
        """The file's line for line ``inner`` (from 1) of a text; exact where the text is a ``|`` block."""
        place = self.places[where]
        return place.text_line + inner - 1 if place.literal else place.text_line


class _Refused(Exception):
    def __init__(self, line: int, problem: str, remedy: str) -> None:
        self.line, self.problem, self.remedy = line, problem, remedy


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        # A few nested aliases describe a tree of gigabytes.
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise _Refused(line, "aliases (*name) are not allowed here", "Write the value out.")
        return super().compose_node(parent, index)


def read_yaml(path: Path) -> YamlFile:
    """The file's mapping; a ``ConfigError`` names file, line and what is wrong with it."""
    data = _bytes(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: the file is not UTF-8.", remedy="Save it as UTF-8.") from error
    try:
        return _read(path, data, text)
    except _Refused as refused:
        raise ConfigError(f"{path}, line {refused.line}: {refused.problem}.", remedy=refused.remedy) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{path}, line {line}: a control character stands here.", remedy="Remove it.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{path}, line {line}: this is no YAML: {error.problem}.") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply.") from error
    except ValueError as error:
        raise ConfigError(f"{path} holds a value that is not what its tag says: {error}.") from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > MOST_BYTES:
        raise ConfigError(f"{path} is larger than {MOST_BYTES:,} bytes, the most that is read.")
    return data


def _read(path: Path, data: bytes, text: str) -> YamlFile:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _Refused(1, "the file must hold fields, such as 'name:'", "")
        places: dict[Where, Place] = {}
        _survey(node, (), places)
        return YamlFile(path, data, loader.construct_document(node), places)
    finally:
        loader.dispose()


def _survey(node: yaml.Node, where: Where, places: dict[Where, Place]) -> None:
    """Notes every place below ``node``; refuses tags and keys that would not mean what they look like."""
    if node.tag not in _PLAIN:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        raise _Refused(node.start_mark.line + 1, f"a {kind} is not allowed here", "Put it in quotes to make it text.")
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise _Refused(line, "a field's name must be text", "Put it in quotes.")
            inner = (*where, str(key.value))
            if inner in places:
                raise _Refused(
                    line,
                    f"the field {key.value} stands here a second time",
                    f"The first is in line {places[inner].line}.",
                )
            places[inner] = _place(line, value)
            _survey(value, inner, places)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            places[(*where, number)] = _place(item.start_mark.line + 1, item)
            _survey(item, (*where, number), places)


def _place(line: int, value: yaml.Node) -> Place:
    literal = isinstance(value, yaml.ScalarNode) and value.style == "|"
    return Place(line, value.start_mark.line + 1 + literal, literal)
