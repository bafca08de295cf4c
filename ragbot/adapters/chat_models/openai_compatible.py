"""OpenAI, and every server that speaks as it does: what can be checked without loading anything, and how it is made."""

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ragbot.adapters.chat_models.failures import Asked
from ragbot.adapters.chat_models.langchain_model import LangChainModel
from ragbot.core.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from ragbot.adapters.chat_models.settings import ModelSettings

_PLACEHOLDER = "none"
"""The SDK insists on a key; a server of one's own mostly wants none."""


def openai_model(settings: "ModelSettings") -> LangChainModel:
    """The model behind ``openai:name``. Nothing is loaded; the key is checked for being there."""
    if find_spec("langchain_openai") is None:
        raise MissingExtraError(
            f"llm.model {settings.model!r} needs the package langchain-openai, which is not installed.",
            remedy="Run: pip install 'ragbot[openai]'",
        )
    address = settings.base_url or os.environ.get("OPENAI_API_BASE") or os.environ.get("OPENAI_BASE_URL") or ""
    own = settings.api_key.get_secret_value() if settings.api_key else ""
    key = own or os.environ.get("OPENAI_API_KEY") or (_PLACEHOLDER if address else "")
    if not key:
        raise ConfigError(
            f"llm.model {settings.model!r} needs an API key, and there is none.",
            remedy="Set OPENAI_API_KEY, or llm.base_url for a server that needs no key.",
        )
    asked = Asked(
        settings.model,
        without_credentials(address),
        () if key == _PLACEHOLDER else (key,),
        "RAGBOT_LLM__API_KEY" if own else "OPENAI_API_KEY",
    )

    def load() -> "BaseChatModel":
        from langchain.chat_models import init_chat_model

        return init_chat_model(
            settings.model.partition(":")[2],
            model_provider="openai",
            base_url=address or None,
            api_key=key,
            temperature=settings.temperature,
            max_tokens=settings.reply_tokens,
            max_retries=0,
            stream_chunk_timeout=None,
            # The SDK keeps its connections for the whole process, and one of a closed event loop is useless in the
            # next; after a few idle seconds they are dead anyway.
            default_headers={"Connection": "close"},
        )

    return LangChainModel(load, settings, asked, options={"stream_usage": True}, ends_properly=True)


def without_credentials(address: str) -> str:
    """An address fit for a message: without ``user:password@`` and without a query."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
