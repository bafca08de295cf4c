"""Settings: shipped defaults < ``ragbot.yaml`` < ``RAGBOT_*`` environment < flags.

A section is a pydantic model registered by string, so that ``ingest`` and ``evals`` bring theirs without being
imported here; it is validated when it is first asked for.  ``${VAR:-default}`` expands in the file.  A secret
(``SecretStr``) comes only from the environment or from the file that ``..._FILE`` names.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from ragbot.core.errors import ConfigError
from ragbot.registry import Registry, nearest

SECTIONS = {
    "embedder": "ragbot.adapters.embedders.settings:EmbedderSettings",
    "index": "ragbot.index.settings:IndexSettings",
    "retrieval": "ragbot.retrieval.settings:RetrievalSettings",
    "answer": "ragbot.chat.settings:AnswerSettings",
    "prompts": "ragbot.prompts.settings:PromptSettings",
    "llm": "ragbot.adapters.chat_models.settings:ModelSettings",
    "service": "ragbot.api.settings:ServiceSettings",
    "store": "ragbot.persistence.settings:StoreSettings",
    "ingest": "ingest.settings:IngestSettings",
    "eval": "evals.settings:EvalSettings",
}
DEFAULT_FILE = "ragbot.yaml"
DEFAULT_DATA_DIR = ".ragbot"
_PREFIX = "RAGBOT_"
_OTHERS = {"RAGBOT_CONFIG"}
_SHORT = {"RAGBOT_API_KEY": "service.api_key", "RAGBOT_API_KEY_FILE": "service.api_key_file"}
_INJECTED = re.compile(r"RAGBOT_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_[A-Z0-9_]+)?$")
"""What Kubernetes tells every container about a Service that is called ragbot; no settings of ours have such names."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class Section(BaseModel):
    """Base of every section: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=Section)


@dataclass(slots=True)
class Settings:
    """The merged values, and for each where it came from."""

    data_dir: Path
    values: Mapping[str, Mapping[str, Any]]
    origins: Mapping[str, str]
    registry: Registry
    _loaded: dict[str, Section] = field(default_factory=dict)

    def section(self, model: type[S]) -> S:
        """The validated section of this model; ``ConfigError`` names path, origin and the nearest key."""
        name = self._name(model)
        if name not in self._loaded:
            self._loaded[name] = self._validate(name, model)
        found = self._loaded[name]
        assert isinstance(found, model)
        return found

    def describe(self) -> dict[str, Any]:
        """Every section with its values, secrets redacted; fit for a bug report."""
        sections = {name: self.section(self.registry.get(name)) for name in self.registry.names()}
        return {"data_dir": str(self.data_dir)} | {
            name: section.model_dump(mode="json") for name, section in sections.items()
        }

    def _name(self, model: type[S]) -> str:
        # By reference: loading every section's module to compare would cost each command the others' imports.
        for name in self.registry.names():
            if self.registry.reference(name) == f"{model.__module__}:{model.__qualname__}":
                return name
        raise LookupError(f"{model.__name__} is not a registered section")

    def _validate(self, name: str, model: type[S]) -> S:
        values = {key: _typed(value, model.model_fields.get(key)) for key, value in self.values.get(name, {}).items()}
        self._refuse_open_secrets(name, model)
        try:
            return model.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            path = ".".join([name, *(str(part) for part in first["loc"])])
            key = str(first["loc"][0]) if first["loc"] else ""
            where = self.origins.get(f"{name}.{key}", "the settings")
            if first["type"] == "extra_forbidden":
                raise ConfigError(
                    f"Unknown setting {path} in {where}.", remedy=nearest(key, sorted(model.model_fields))
                ) from None
            raise ConfigError(f"Setting {path} in {where}: {first['msg']}.") from None

    def _refuse_open_secrets(self, name: str, model: type[Section]) -> None:
        for key, info in model.model_fields.items():
            origin = self.origins.get(f"{name}.{key}", "")
            held = self.values.get(name, {}).get(key) is not None
            if "SecretStr" in str(info.annotation) and held and "environment" not in origin:
                variable = f"{_PREFIX}{name}__{key}".upper()
                raise ConfigError(
                    f"The secret {name}.{key} stands in {origin}.",
                    remedy=f"Take it out and set {variable}, or {variable}_FILE to a file that holds it.",
                )


def load_settings(
    *,
    config: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    sections: Mapping[str, str] = SECTIONS,
) -> Settings:
    """Merges all sources. ``flags`` are ``{"data_dir": ...}`` or ``{"section.key": ...}``; None means not given."""
    environ = os.environ if environ is None else environ
    registry = Registry("ragbot.settings", sections)
    known = registry.names()
    values: dict[str, dict[str, Any]] = {}
    origins: dict[str, str] = {}
    top: dict[str, Any] = {"data_dir": DEFAULT_DATA_DIR}

    def put(path: str, value: Any, origin: str) -> None:
        section, _, key = path.partition(".")
        if not key and section in top:
            top[section] = value if value not in (None, "") else top[section]
        elif section in known and key:
            values.setdefault(section, {})[key] = value
        elif section in known:
            raise ConfigError(f"{section} in {origin} is a section: it holds settings and is none itself.")
        else:
            raise ConfigError(f"Unknown setting {path} in {origin}.", remedy=nearest(section, [*known, *top]))
        origins[path] = origin

    for path, value, origin in _from_file(config, environ):
        put(path, value, origin)
    for path, value, origin in _from_environment(environ):
        put(path, value, origin)
    for path, value in (flags or {}).items():
        if value is not None:
            put(path, value, f"the option --{path.rpartition('.')[2].replace('_', '-')}")
    return Settings(Path(str(top["data_dir"])).expanduser(), values, origins, registry)


def _from_file(config: Path | None, environ: Mapping[str, str]) -> list[tuple[str, Any, str]]:
    named = config or (Path(environ["RAGBOT_CONFIG"]) if environ.get("RAGBOT_CONFIG") else None)
    path = named or Path(DEFAULT_FILE)
    if not path.is_file():
        if named:
            raise ConfigError(f"The settings file {path} does not exist.", remedy="Check --config or RAGBOT_CONFIG.")
        return []
    try:
        text = path.read_text(encoding="utf-8")
        tree = yaml.safe_load(text) or {}
        lines = _lines(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error}.") from error
    if not isinstance(tree, dict):
        raise ConfigError(f"The settings file {path} must hold sections, such as 'retrieval:'.")
    found: list[tuple[str, Any, str]] = []
    for section, content in tree.items():
        origin = f"{path}, line {lines.get(str(section), 1)}"
        if isinstance(content, dict):
            for key, value in content.items():
                dotted = f"{section}.{key}"
                found.append((dotted, _from_variable(value, environ), f"{path}, line {lines.get(dotted, 1)}"))
        elif content is not None or section == "data_dir":
            found.append((str(section), _from_variable(content, environ), origin))
    return found


def _lines(text: str) -> dict[str, int]:
    """The line of each section and of each key in it, so that a message can point at it."""
    found: dict[str, int] = {}
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        found[str(key.value)] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            for inner, _ in value.value:
                found[f"{key.value}.{inner.value}"] = inner.start_mark.line + 1
    return found


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, Any, str]]:
    found: list[tuple[str, Any, str]] = []
    for variable, text in sorted(environ.items()):
        if not variable.startswith(_PREFIX) or variable in _OTHERS or not text:
            continue
        if "KUBERNETES_SERVICE_HOST" in environ and _INJECTED.match(variable) and "__" not in variable:
            continue
        origin = f"the environment variable {variable}"
        path = _SHORT.get(variable) or variable.removeprefix(_PREFIX).lower().replace("__", ".")
        if path.endswith("_file") and "." in path:
            try:
                held = Path(text).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                raise ConfigError(f"{variable} names {text}, which cannot be read: {reason}.") from error
            found.append((path.removesuffix("_file"), _Text(held), origin))
        else:
            found.append((path, _Text(text), origin))
    return found


class _Text(str):
    """A value that came as text; what it means depends on the setting it is for."""


def _typed(value: Any, info: FieldInfo | None) -> Any:
    """Text stays text where the setting is one (a key of digits is no number), else it is read as YAML."""
    if not isinstance(value, _Text) or info is None:
        return value
    choices = get_args(info.annotation)
    if get_origin(info.annotation) is Literal:
        return str(value) if all(isinstance(choice, str) for choice in choices) else _parse(value)
    kinds = choices if get_origin(info.annotation) in (Union, UnionType) else (info.annotation,)
    return str(value) if set(kinds) <= {str, Path, SecretStr, NoneType} else _parse(value)


def _from_variable(value: Any, environ: Mapping[str, str]) -> Any:
    """A value of the file, expanded; one that is nothing but a variable is read as the setting needs it."""
    expanded = _expand(value, environ)
    return _Text(expanded) if isinstance(value, str) and _VARIABLE.fullmatch(value) else expanded


def _parse(text: str) -> Any:
    """An environment value as YAML would read it, so that lists and numbers work; text stays text."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _expand(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: environ.get(match[1]) or match[2] or "", value)
    if isinstance(value, list):
        return [_expand(item, environ) for item in value]
    if isinstance(value, dict):
        return {key: _expand(item, environ) for key, item in value.items()}
    return value
