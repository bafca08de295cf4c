"""Front matter: the YAML (``---``) or TOML (``+++``) block before a Markdown text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from ingest.cleaning import clean_inline
from ragbot.core.errors import DocumentError
from ragbot.core.types import PUBLIC

_YAML = re.compile(r"---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\n(.*?)(?:^|\n)\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_ACCESS = re.compile(r"^access[ \t]*[:=]", re.MULTILINE)
_LOOKS_LIKE_YAML = re.compile(r"^(?:[\w.-]+[ \t]*:|#|-[ \t]|[ \t]|$)")
MAX_CHARS = 64 * 1024
MAX_VALUES = 2_000
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands before the text, and the text itself."""

    body: str
    values: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The ``title``, as one line; empty where there is none."""
        value = self.values.get("title")
        return clean_inline(str(value)) if isinstance(value, str | int | float) else ""


def split_front_matter(text: str) -> FrontMatter:
    """Front matter apart from the body. Where it cannot be read, it stays in the body, with a warning."""
    found = _YAML.match(text) or _TOML.match(text)
    if found is None:
        return FrontMatter(text)
    block = found[1]
    if text.startswith("---") and not _LOOKS_LIKE_YAML.match(block.split("\n", 1)[0]):
        return FrontMatter(text)  # a rule, then prose, then another rule
    try:
        values = _parse(block, toml=text.startswith("+++"))
    except ValueError as error:
        if _ACCESS.search(block):
            raise _no_access(str(error)) from error
        return FrontMatter(text, warnings=(f"front matter kept as text: {error}",))
    return FrontMatter(text[found.end() :], values)


def _parse(block: str, *, toml: bool) -> dict[str, Any]:
    """The mapping as plain JSON values; ``ValueError`` says in one line why not."""
    if len(block) > MAX_CHARS:
        raise ValueError("it is too long")
    if toml:
        import tomllib

        return _plain_mapping(tomllib.loads(block))
    import yaml

    # Deeply nested brackets overflow the C stack of the parser, which no exception reports.
    if max(block.count("["), block.count("{")) > 500:
        raise ValueError("it is nested too deeply")
    try:
        loaded = yaml.load(block, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark is not None else ""
        raise ValueError(f"{getattr(error, 'problem', None) or 'not valid YAML'}{where}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ValueError("it is no mapping")
    return _plain_mapping(loaded)


def _plain_mapping(values: Mapping[Any, Any]) -> dict[str, Any]:
    left = [MAX_VALUES]
    return {clean_inline(str(key)): _plain(value, left, 0) for key, value in values.items()}


def _plain(value: Any, left: list[int], depth: int) -> Any:
    """JSON values only. The count stops YAML anchors that multiply, the depth those that contain themselves."""
    left[0] -= 1
    if left[0] < 0 or depth > MAX_DEPTH:
        raise ValueError("it holds too many values")
    if isinstance(value, Mapping):
        return {clean_inline(str(key)): _plain(item, left, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, left, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return clean_inline(value if isinstance(value, str) else str(value))


def labels(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Who may read the document: ``access`` as a name, names with commas, or a list; without it, everybody.

    Raises ``DocumentError`` (``access``) for anything else: to publish what was to be restricted is worse
    than to leave it out.
    """
    if "access" not in values:
        return (PUBLIC,)
    value = values["access"]
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _no_access("it must be a name or a list of names")
    found = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not found:
        raise _no_access("it names nobody")
    return found


def _no_access(why: str) -> DocumentError:
    return DocumentError(
        f"The front matter has an access entry that cannot be read: {why}.",
        reason_code="access",
        remedy="Write it as `access: name` or `access: [name, name]`.",
    )
