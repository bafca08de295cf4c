"""From a role file to a role in use: its texts rendered with the deployment's variables, and checked."""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from ragbot.core.errors import ConfigError
from ragbot.core.types import PromptId
from ragbot.prompts import templates
from ragbot.prompts.fence import holds_tag, seen
from ragbot.prompts.role import PASSAGES, QUESTION, RenderedRole
from ragbot.prompts.role_file import RoleFile, Value
from ragbot.prompts.templates import Template, TemplateFault
from ragbot.prompts.yaml_file import Where, YamlFile

FIELDS: dict[str, Where] = {
    "persona": ("persona",),
    "audience": ("audience", "who"),
    "reading_level": ("audience", "reading_level"),
    "tone": ("tone",),
    "system_rules": ("rules", "system"),
    "operator_rules": ("rules", "operator"),
    "user_rule": ("rules", "user"),
    "retrieved_rule": ("rules", "retrieved"),
    "never": ("never",),
    "answer_format": ("answer", "format"),
    "answer_length": ("answer", "length"),
    "citations": ("citations",),
    "abstained": ("wording", "abstained"),
}
"""What ``template`` may use beside the variables, and where in the file it comes from."""

_WORDINGS = ("abstained", "greeting", "thanks", "goodbye")
_TURN = ("passages", "question")
_SYSTEM: Where = ("template", "system")
_USER: Where = ("template", "user")
_PLACES = re.compile(f"({PASSAGES}|{QUESTION})")


def make_role(source: YamlFile, file: RoleFile, settings: Mapping[str, Value]) -> RenderedRole:
    """The role; a ``ConfigError`` names file, line and field, or the setting that does not suit a variable."""
    return _Making(source, file, settings).role()


class _Making:
    def __init__(self, source: YamlFile, file: RoleFile, settings: Mapping[str, Value]) -> None:
        self.source = source
        self.file = file
        self.variables = _variables(source, file, settings)

    def role(self) -> RenderedRole:
        for name in self.file.variables:
            if name in FIELDS or name in _TURN:
                raise self._fault(("variables", name), f"the name {name} is taken", "Call the variable something else.")
        said: dict[str, templates.Value] = {name: self._field(where) for name, where in FIELDS.items()}
        wording = {name: self._text(("wording", name), getattr(self.file.wording, name)) for name in _WORDINGS}
        return RenderedRole(
            id=PromptId(self.file.name, self.file.version, hashlib.sha256(self.source.data).hexdigest()),
            description=self.file.description.strip(),
            system=self._system(said),
            grounded=self._user(said, {"passages": PASSAGES, "question": QUESTION}),
            bare=self._user(said, {"passages": "", "question": QUESTION}),
            wording=wording,
            history_characters=self.file.history_characters,
        )

    def _system(self, said: Mapping[str, templates.Value]) -> str:
        template = self._template(_SYSTEM, self.file.template.system, {*FIELDS, *self.variables})
        for name, value in said.items():
            if value and name not in template.used:
                field = ".".join(str(part) for part in FIELDS[name])
                raise self._fault(_SYSTEM, f"it leaves out {field}", f"Put {{{{ {name} }}}} where the model is told.")
        return self._render(_SYSTEM, template, {**self.variables, **said})

    def _user(self, said: Mapping[str, templates.Value], places: Mapping[str, str]) -> tuple[str, ...]:
        template = self._template(_USER, self.file.template.user, {*FIELDS, *_TURN, *self.variables})
        pieces = _PLACES.split(self._render(_USER, template, {**self.variables, **said, **places}, clean=False))
        for name, place in places.items():
            if place and pieces.count(place) != 1:
                raise self._fault(_USER, f"it must show {{{{ {name} }}}} once, as it is")
        if any(holds_tag(piece) for piece in pieces):
            raise self._fault(
                _USER, "it holds a tag such as <passage> or <question>", "They are put around what the model is given."
            )
        return tuple(piece if piece in places.values() else seen(piece) for piece in pieces)

    def _field(self, where: Where) -> templates.Value:
        value: Any = self.file
        for part in where:
            value = getattr(value, str(part))
        if isinstance(value, str):
            return self._text(where, value)
        texts = [self._text((*where, number), text) for number, text in enumerate(value)]
        return tuple(text for text in texts if text)

    def _text(self, where: Where, text: str) -> str:
        return self._render(where, self._template(where, text, self.variables), self.variables)

    def _template(self, where: Where, text: str, names: Collection[str]) -> Template:
        try:
            return Template(text, names)
        except TemplateFault as fault:
            raise self._fault(where, fault.problem, fault.remedy, fault.line) from fault

    def _render(
        self, where: Where, template: Template, values: Mapping[str, templates.Value], *, clean: bool = True
    ) -> str:
        try:
            text = template.render(values).strip()
        except TemplateFault as fault:
            raise self._fault(where, fault.problem, fault.remedy, fault.line) from fault
        return seen(text) if clean else text

    def _fault(self, where: Where, problem: str, remedy: str = "", inner: int = 0) -> ConfigError:
        line = self.source.line_in(where, inner) if inner else self.source.line(where)
        field = ".".join(str(part) for part in where)
        return ConfigError(f"{self.source.path}, line {line}: {field}: {problem}.", remedy=remedy)


def _variables(source: YamlFile, file: RoleFile, settings: Mapping[str, Value]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, variable in file.variables.items():
        value = settings.get(name, variable.default)
        if not variable.fits(value):
            line = source.line(("variables", name))
            raise ConfigError(
                f"The setting prompts.variables.{name} is {value!r}, and the role {file.name} wants one of type "
                f"{variable.type} ({source.path}, line {line}).",
                remedy="Put it in quotes." if variable.type == "string" else "",
            )
        values[name] = seen(value) if isinstance(value, str) else value
    return values
