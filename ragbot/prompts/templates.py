"""Jinja2 templates that can only place values: checked line by line when they are loaded, in a sandbox beside.

What is left out on purpose (calls, attributes, arithmetic, macros, loops in loops, filters that can grow a text without
bound) is what lets a template look into Python, read a file or run for ever.
"""

import traceback
from collections.abc import Collection, Iterator, Mapping
from typing import NoReturn

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from ragbot.registry import nearest

Value = str | int | float | bool | tuple[str, ...]

_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.Filter,
    nodes.Test,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)
_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "sort", "title", "trim", "upper")
_LOOP = ("first", "last", "index", "index0", "length", "revindex", "revindex0")
_WORDS = {"getattr": "look inside a value", "getitem": "look inside a value", "call": "call anything"}


class TemplateFault(Exception):
    """What is wrong with a template, and in which of its lines (from 1)."""

    def __init__(self, line: int, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.line, self.problem, self.remedy = line, problem, remedy


class Template:
    """A template whose every name is among ``names``; ``TemplateFault`` where it is not, or is no template."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        try:
            tree = _ENVIRONMENT.parse(text)
            _check(tree)
            self.used = frozenset(meta.find_undeclared_variables(tree))
            _check_names(tree, self.used, names)
            self._template = _ENVIRONMENT.from_string(tree)
        except TemplateSyntaxError as error:
            raise TemplateFault(error.lineno, f"this is no template: {error.message}") from error
        except (RecursionError, SyntaxError, MemoryError) as error:
            raise TemplateFault(1, "it is nested too deeply") from error

    def render(self, values: Mapping[str, Value]) -> str:
        """The text with the values in their places; ``TemplateFault`` where one does not suit its place."""
        try:
            return self._template.render(values)
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename == "<template>"]
            raise TemplateFault(lines[-1] or 1 if lines else 1, f"{error}") from error


def _environment() -> SandboxedEnvironment:
    # What a model reads is no HTML; what may not pass for our tags is made inert in fence.py.
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    return made


_ENVIRONMENT = _environment()


def _check(tree: nodes.Template) -> None:
    for node in _every(tree):
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "loop":
            if node.attr not in _LOOP:
                raise TemplateFault(node.lineno, f"loop.{node.attr} does not exist here", nearest(node.attr, [*_LOOP]))
        elif isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise TemplateFault(node.lineno, f"unknown filter {node.name}", nearest(node.name, [*_FILTERS]))
        elif isinstance(node, nodes.For) and (node.recursive or any(node.find_all(nodes.For))):
            raise TemplateFault(node.lineno, "a loop may not hold another one")
        elif not isinstance(node, _NODES):
            _refuse(node)


def _every(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _every(child)


def _refuse(node: nodes.Node) -> NoReturn:
    kind = type(node).__name__.lower()
    attribute = f" (.{node.attr})" if isinstance(node, nodes.Getattr) else ""
    raise TemplateFault(
        node.lineno,
        f"a template may not {_WORDS.get(kind, f'use {kind}')}{attribute}",
        "It places values: names, if, for, and the filters " + ", ".join(_FILTERS) + ".",
    )


def _check_names(tree: nodes.Template, used: Collection[str], names: Collection[str]) -> None:
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in used and name.name not in names:
            raise TemplateFault(name.lineno, f"undefined variable {name.name}", nearest(name.name, sorted(names)))
