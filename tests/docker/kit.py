"""Reads docker/Dockerfile and .dockerignore as far as their rules go; the engine itself is not here to ask."""

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "docker" / "Dockerfile"
COMPOSE = ROOT / "docker" / "compose.yaml"


@dataclass(frozen=True, slots=True)
class Instruction:
    """``word`` in capitals, ``rest`` as written but on one line."""

    word: str
    rest: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands between two FROMs."""

    image: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [each.rest for each in self.instructions if each.word == word]

    def last(self, word: str) -> str:
        return self.all(word)[-1]

    def variables(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for rest in self.all("ENV") for pair in shlex.split(rest))


def stages(text: str) -> list[Stage]:
    """The stages in order; the image of each with the defaults of the ARGs before the first one put in."""
    found: list[Stage] = []
    defaults: dict[str, str] = {}
    for each in _instructions(text):
        if each.word == "FROM":
            image, *named = each.rest.split()
            image = re.sub(r"\$\{(\w+)\}", lambda match: defaults[match[1]], image)
            found.append(Stage(image, named[-1] if named else ""))
        elif found:
            found[-1].instructions.append(each)
        else:
            assert each.word == "ARG", f"{each.word} stands before the first FROM"
            name, _, value = each.rest.partition("=")
            defaults[name] = value
    return found


def _instructions(text: str) -> Iterator[Instruction]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", "", lines).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield Instruction(word.upper(), rest.strip())


def local_sources(stage: Stage) -> list[str]:
    """What the stage copies out of the repository."""
    copies = [shlex.split(rest) for word in ("COPY", "ADD") for rest in stage.all(word)]
    return [
        source
        for words in copies
        if not any(each.startswith("--from=") for each in words)
        for source in [each for each in words if not each.startswith("--")][:-1]
    ]


def sent(path: str, ignore: str) -> bool:
    """Whether a file of the repository reaches the build: the last pattern that matches it or a folder of it says."""
    kept = True
    for line in ignore.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pattern = line.strip()
        again = pattern.startswith("!")
        if _matches(path, pattern.removeprefix("!")):
            kept = again
    return kept


def _matches(path: str, pattern: str) -> bool:
    parts = PurePosixPath(path).parts
    heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    regex = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
    return any(re.fullmatch(regex, head) for head in heads)


def tool(name: str) -> str:
    """A checker's path, beside this Python or on PATH; the test is skipped without it."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
