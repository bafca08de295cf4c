"""Chat models by the provider in front of their name: ``openai:gpt-5-mini``, ``local:/path/model.gguf``.

A provider with a line here is checked as far as that goes without loading anything.  Every other name is LangChain's:
what it brings an integration package for works, and is loaded at once to be checked.
"""

from typing import TYPE_CHECKING

from ragbot.core.errors import ConfigError
from ragbot.registry import Registry

if TYPE_CHECKING:
    from ragbot.adapters.chat_models.settings import ModelSettings
    from ragbot.core.ports import ChatModel

CHAT_MODELS = Registry(
    "ragbot.chat_models",
    {
        "local": "ragbot.adapters.chat_models.local:LocalModel",
        "openai": "ragbot.adapters.chat_models.openai_compatible:openai_model",
    },
)


def chat_model(settings: "ModelSettings") -> "ChatModel":
    """The configured model. ``ConfigError`` or ``MissingExtraError`` says what keeps it from ever answering."""
    provider, colon, name = settings.model.partition(":")
    if not (provider and colon and name):
        raise ConfigError(
            f"llm.model {settings.model!r} is no provider:name.",
            remedy=f"Write the provider in front, such as openai:{name or provider or 'gpt-5-mini'},"
            " or local:/path/model.gguf for a file.",
        )
    if provider not in CHAT_MODELS.names():
        from ragbot.adapters.chat_models.providers import any_model  # 1.3 s: LangChain

        return any_model(settings, CHAT_MODELS.names())
    model: ChatModel = CHAT_MODELS.get(provider)(settings)
    return model
