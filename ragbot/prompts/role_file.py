"""What a role file holds: the model behind ``config/roles/*.yaml`` and its published JSON Schema."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ragbot.core.errors import ConfigError
from ragbot.prompts.yaml_file import YamlFile
from ragbot.registry import nearest

Value = str | int | float | bool

SCHEMA = "role.schema.json"
_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


Text = Annotated[str, Field(min_length=1), AfterValidator(_said)]
VariableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Audience(_Part):
    """Who reads the answers."""

    who: Text = Field(description="The readers, in a few words.")
    reading_level: Text = Field(description="How plainly to write for them.")


class Rules(_Part):
    """The order of authority: system over operator over user over retrieved text."""

    system: tuple[Text, ...] = Field(min_length=1, description="What holds always; nothing below changes it.")
    operator: tuple[Text, ...] = Field((), description="What whoever runs the bot adds; it may not contradict system.")
    user: Text = Field(description="How far the words of a user count.")
    retrieved: Text = Field(description="How far the text of a passage counts: as data.")


class AnswerShape(_Part):
    """What an answer looks like."""

    format: Text = Field(description="Prose, list, table; what goes first.")
    length: Text = Field(description="How long it may be, in words or sentences.")


class Wording(_Part):
    """What is always said in the same words, with a model or without."""

    abstained: Text = Field(description="Said where nothing supports an answer.")
    greeting: Text = Field(description="Said in return for a greeting.")
    thanks: Text = Field(description="Said in return for thanks.")
    goodbye: Text = Field(description="Said in return for a goodbye.")


class Variable(_Part):
    """A value that the deployment may set (``prompts.variables``)."""

    type: Literal["string", "integer", "number", "boolean"] = Field(description="What its value must be.")
    default: Value = Field(description="Its value where the deployment sets none.")
    description: str = Field("", description="What it is for.")

    @model_validator(mode="after")
    def _default_fits(self) -> Self:
        if not self.fits(self.default):
            raise ValueError(f"its default is not of type {self.type}")
        return self

    def fits(self, value: Value) -> bool:
        """Whether the value has this variable's type; true is no number, and 1 is no text."""
        return type(value) in _TYPES[self.type]


class Template(_Part):
    """The two messages a model gets, as Jinja2 templates with Markdown around."""

    system: Text = Field(description="The system message; it must use every filled field of the role.")
    user: Text = Field(description="The last user message; it holds {{ passages }} and {{ question }} once each.")


class RoleFile(_Part):
    """Who the bot is, what it must and must not do, and how it says the usual things: one file of `config/roles`."""

    name: str = Field(pattern=r"^[a-z0-9-]+$", max_length=64, description="The file's name without .yaml.")
    version: str = Field(
        pattern=r"^[0-9A-Za-z][0-9A-Za-z._+-]*$", max_length=32, description="Raised with every change people notice."
    )
    description: Text = Field(description="What the role is for, in a sentence.")
    persona: Text = Field(description="Who the bot is.")
    audience: Audience = Field(description="Who reads the answers.")
    tone: Text = Field(description="How the bot sounds.")
    rules: Rules = Field(description="The order of authority: system over operator over user over retrieved text.")
    never: tuple[Text, ...] = Field((), description="What the bot must never do.")
    answer: AnswerShape = Field(description="What an answer looks like.")
    citations: Text = Field(description="When and how a sentence names the passage it rests on.")
    wording: Wording = Field(description="What is always said in the same words.")
    history_characters: int = Field(
        4000, ge=0, le=100_000, strict=True, description="Characters of earlier turns the model reads: newest, whole."
    )
    variables: dict[VariableName, Variable] = Field(
        default_factory=dict, description="What the texts may use as {{ name }}."
    )
    template: Template = Field(description="The two messages a model gets.")


def parse_role(source: YamlFile) -> RoleFile:
    """The file's fields, checked; a ``ConfigError`` names file, line and field, and the nearest field there is."""
    try:
        return RoleFile.model_validate(source.tree)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    # An unknown field first: the one that seems to be missing is often the same one, misspelt.  A list that seems too
    # short often has an item that is wrong.
    order = {"extra_forbidden": 0, "too_short": 2}
    first = min(errors, key=lambda each: (order.get(each["type"], 1), source.line(each["loc"])))
    where = first["loc"]
    at, field = f"{source.path}, line {source.line(where)}", ".".join(str(part) for part in where)
    if first["type"] == "extra_forbidden":
        raise ConfigError(f"{at}: unknown field {field}.", remedy=nearest(str(where[-1]), _fields(where[:-1])))
    if first["type"] == "missing":
        raise ConfigError(f"{at}: the field {field} is missing.", remedy="See docs/roles.md for the fields.")
    # What follows the place names the alternatives of a type, and is no field.
    where = next(where[:end] for end in range(len(where), -1, -1) if where[:end] in source.places or not end)
    field = ".".join(str(part) for part in where)
    quotes = first["type"] == "string_type" and not isinstance(_value(source, where), dict | list | None)
    problem = first["msg"].removeprefix("Value error, ")
    raise ConfigError(f"{at}: {field or 'the file'}: {problem}.", remedy="Put the value in quotes." if quotes else "")


def role_schema() -> dict[str, Any]:
    """The JSON Schema of a role file, as ``config/schemas/role.schema.json`` publishes it."""
    schema = RoleFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        **schema,
        "title": "Role",
    }


def _fields(where: tuple[str | int, ...]) -> list[str]:
    """The fields of the part that stands at ``where``."""
    model: type[BaseModel] = RoleFile
    for part in where:
        info = model.model_fields.get(str(part))
        if info is None or info.annotation == dict[VariableName, Variable]:
            model = Variable
        elif isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            model = info.annotation
    return sorted(model.model_fields)


def _value(source: YamlFile, where: tuple[str | int, ...]) -> object:
    found: Any = source.tree
    for part in where:
        if isinstance(found, list) or (isinstance(found, dict) and part in found):
            found = found[part]  # type: ignore[index]
    return found
