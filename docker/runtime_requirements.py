"""Prints what ragbot needs to run, one requirement a line: the dependencies in pyproject.toml and those of its extras.

``python runtime_requirements.py openai,local`` in the folder of pyproject.toml.
"""

import sys
import tomllib
from pathlib import Path


def runtime_requirements(pyproject: Path, extras: list[str]) -> list[str]:
    """As pyproject.toml writes them; ``SystemExit`` names an extra that it does not have."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    known = project["optional-dependencies"]
    unknown = [extra for extra in extras if extra not in known]
    if unknown:
        raise SystemExit(f"{pyproject} has no extra {unknown[0]!r}; it has {', '.join(sorted(known))}.")
    return [*project["dependencies"], *(each for extra in extras for each in known[extra])]


if __name__ == "__main__":
    wanted = [extra.strip() for extra in ",".join(sys.argv[1:]).split(",") if extra.strip()]
    sys.stdout.write("\n".join(runtime_requirements(Path("pyproject.toml"), wanted)) + "\n")
