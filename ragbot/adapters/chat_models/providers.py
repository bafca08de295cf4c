"""Chat models of every other provider LangChain has an integration package for."""

from typing import TYPE_CHECKING, Any

from langchain.chat_models import base, init_chat_model

from ragbot.adapters.chat_models.failures import Asked
from ragbot.adapters.chat_models.langchain_model import LangChainModel
from ragbot.adapters.chat_models.openai_compatible import without_credentials
from ragbot.core.errors import ConfigError, MissingExtraError, UnavailableError
from ragbot.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.language_models import BaseChatModel

    from ragbot.adapters.chat_models.settings import ModelSettings


def any_model(settings: "ModelSettings", ours: "Sequence[str]") -> LangChainModel:
    """The model, made at once, so that a missing package or key is known now. ``ours`` are providers of our own."""
    provider, _, name = settings.model.partition(":")
    known = {*ours, *getattr(base, "_BUILTIN_PROVIDERS", {})}
    if provider not in known:
        raise ConfigError(
            f"llm.model {settings.model!r} names no provider there is.",
            remedy=f"{nearest(provider, sorted(known))}"
            f" For a model of an OpenAI-compatible server write openai:{settings.model} and set llm.base_url.",
        )
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    asked = Asked(settings.model, without_credentials(settings.base_url), (key,) if key else ())
    made = _made(provider, name, settings, asked, key)
    return LangChainModel(lambda: made, settings, asked)


def _made(provider: str, name: str, settings: "ModelSettings", asked: Asked, key: str) -> "BaseChatModel":
    more: dict[str, Any] = {"api_key": key} if key else {}
    if settings.base_url:
        more["base_url"] = settings.base_url
    try:
        made: BaseChatModel = init_chat_model(
            name,
            model_provider=provider,
            temperature=settings.temperature,
            max_tokens=settings.reply_tokens,
            max_retries=0,
            **more,
        )
        return made
    except ImportError as error:
        raise _missing(settings.model, error) from error
    except Exception as error:
        # Each package has its own way of saying that its key's variable is not set.
        raise ConfigError(
            f"llm.model {settings.model!r} cannot be set up: {asked.cleaned(str(error))}",
            remedy="Set what it names, or RAGBOT_LLM__API_KEY.",
        ) from error


def _missing(model: str, error: ImportError) -> UnavailableError:
    """A package that is not there, or one that is there and broken."""
    cause = error.__cause__ or error
    if not isinstance(cause, ModuleNotFoundError) or not (cause.name or "").startswith("langchain_"):
        return UnavailableError(f"llm.model {model!r} cannot be loaded: its package is broken ({cause}).")
    package = (cause.name or "").split(".")[0].replace("_", "-")
    return MissingExtraError(
        f"llm.model {model!r} needs the package {package}, which is not installed.",
        remedy=f"Run: pip install {package}",
    )
