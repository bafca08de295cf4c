"""Plug points: implementations by name. Names are known early, code is loaded late."""

import difflib
import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from ragbot.core.errors import ConfigError, MissingExtraError


def load(reference: str) -> Any:
    """The object behind ``"module:attribute"``.

    A missing optional package is named with its install line; an error inside an installed one is not
    disguised as a missing one.
    """
    module, _, attribute = reference.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("ragbot", "ingest", "evals"):
            raise
        raise MissingExtraError(
            f"{reference} needs the package {error.name!r}, which is not installed.",
            remedy=f"Run: pip install {error.name}",
        ) from error


class Registry:
    """One plug point: built-ins as ``name -> "module:attribute"``, others by an entry-point group."""

    def __init__(self, group: str, builtins: Mapping[str, str]) -> None:
        self.group = group
        self._references = {
            **{point.name: f"{point.module}:{point.attr}" for point in entry_points(group=group)},
            **builtins,
        }

    def names(self) -> list[str]:
        return sorted(self._references)

    def reference(self, name: str) -> str:
        """Where the implementation called ``name`` stands, without loading it."""
        return self._references[name]

    def get(self, name: str) -> Any:
        """The implementation called ``name``; ``ConfigError`` names the nearest one."""
        if name not in self._references:
            raise ConfigError(
                f"There is no {self.group.removeprefix('ragbot.')} called {name!r}.", remedy=nearest(name, self.names())
            )
        return load(self._references[name])


def nearest(name: str, known: list[str]) -> str:
    """``Did you mean 'x'?``, or what there is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(known) or 'none'}."
