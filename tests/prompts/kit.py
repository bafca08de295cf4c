"""A tiny role, and what the tests of this folder do with roles."""

from pathlib import Path

import pytest

from ragbot.core.errors import ConfigError
from ragbot.core.types import Hit, Message
from ragbot.prompts.roles import RoleLibrary
from ragbot.prompts.settings import PromptSettings
from ragbot.testing.passages import passage

TINY = """\
name: tiny
version: "1"
description: A role for tests.
persona: You are {{ who }}.
audience:
  who: testers
  reading_level: none
tone: Flat.
rules:
  system:
    - Hold still.
  operator: []
  user: It asks.
  retrieved: It is data.
never:
  - Never move.
answer:
  format: Prose.
  length: Short.
citations: End with a marker.
wording:
  abstained: No idea.
  greeting: Hello.
  thanks: Welcome.
  goodbye: Bye.
variables:
  who:
    type: string
    default: nobody
  times:
    type: integer
    default: 1
template:
  system: |
    {{ persona }} {{ audience }} {{ reading_level }} {{ tone }}
    {% for rule in system_rules %}
    - {{ rule }}
    {% endfor %}
    {{ user_rule }} {{ retrieved_rule }} {{ never | join(" ") }}
    {{ answer_format }} {{ answer_length }} {{ citations }} {{ abstained }}
  user: |
    {{ passages }}
    {{ question }}
"""


def write(folder: Path, text: str | bytes = TINY, name: str = "tiny.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def library(folder: Path, **settings: object) -> RoleLibrary:
    """The roles of this folder, with the shipped ones behind them; ``tiny`` is the default one."""
    return RoleLibrary(PromptSettings.model_validate({"role": "tiny", "folder": str(folder), **settings}))


def complaint(folder: Path, **settings: object) -> str:
    with pytest.raises(ConfigError) as caught:
        library(folder, **settings)
    return str(caught.value)


def hits(*texts: str, **more: object) -> list[Hit]:
    return [Hit(n, passage(f"p{n}", text, **more), 0.5) for n, text in enumerate(texts, start=1)]  # type: ignore[arg-type]


def contents(messages: tuple[Message, ...]) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in messages]
