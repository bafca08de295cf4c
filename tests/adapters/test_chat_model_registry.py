"""Choosing a model: what cannot work is known before the first question, and nothing heavy is loaded to know it."""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from ragbot.adapters.chat_models.langchain_model import LangChainModel
from ragbot.adapters.chat_models.local import LocalModel
from ragbot.adapters.chat_models.registry import CHAT_MODELS, chat_model
from ragbot.adapters.chat_models.settings import ModelSettings
from ragbot.core.errors import ConfigError, MissingExtraError, ModelRejectedError, UnavailableError
from ragbot.settings import load_settings
from ragbot.testing.model_server import ModelServer, Reply
from tests.adapters.kit import KEY, failure, read, settings


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith(("OPENAI_", "ANTHROPIC_")):
            monkeypatch.delenv(name)


WRONG_NAMES = [
    ("gpt-5-mini", "'gpt-5-mini' is no provider:name. Write the provider in front, such as openai:gpt-5-mini"),
    ("openai:", "'openai:' is no provider:name. Write the provider in front, such as openai:openai"),
    (":gpt-5-mini", "such as openai:gpt-5-mini"),
    ("opnai:gpt-5-mini", "Did you mean 'openai'?"),
    ("locl:/models/x.gguf", "Did you mean 'local'?"),
    ("llama3:8b", "write openai:llama3:8b and set llm.base_url"),
]


@pytest.mark.parametrize(("name", "said"), WRONG_NAMES)
def test_a_name_without_a_known_provider_is_explained(name: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chat_model(settings(name))
    assert said in str(caught.value)


def test_a_missing_key_is_known_at_once_and_its_variable_named() -> None:
    with pytest.raises(ConfigError, match="needs an API key") as caught:
        chat_model(settings("openai:gpt-5-mini"))
    assert "OPENAI_API_KEY" in caught.value.remedy


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_openai", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ragbot\[openai\]'"):
        chat_model(settings("openai:gpt-5-mini", api_key=KEY))


def test_a_missing_package_of_another_provider_is_named() -> None:
    with pytest.raises(MissingExtraError, match="pip install langchain-anthropic"):
        chat_model(settings("anthropic:claude", api_key=KEY))


def test_a_broken_package_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
            if name.startswith("langchain_anthropic"):
                raise ImportError("its library is built for another Python")

    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(UnavailableError, match="its package is broken") as caught:
        chat_model(settings("anthropic:claude", api_key=KEY))
    assert not isinstance(caught.value, MissingExtraError)


async def test_a_package_that_breaks_when_it_is_loaded_is_a_model_s_error(monkeypatch: pytest.MonkeyPatch) -> None:
    model = chat_model(settings("openai:test", api_key=KEY))
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    error = await failure(model)
    assert type(error) is ModelRejectedError
    assert "openai:test cannot be set up" in error.message


def test_a_provider_that_cannot_be_set_up_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigError, match="cannot be set up") as caught:
        chat_model(settings("azure_openai:gpt-5-mini", api_key=KEY))
    assert KEY not in str(caught.value)


async def test_a_server_of_one_s_own_needs_no_key() -> None:
    with ModelServer(Reply("One")) as server:
        _, error = await read(chat_model(settings("openai:test", base_url=server.base_url)))
    assert error is None
    assert server.requests[0].headers["authorization"] == "Bearer none"


@pytest.mark.parametrize("variable", ["OPENAI_BASE_URL", "OPENAI_API_BASE"])
async def test_the_variables_of_openai_are_honoured(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ModelServer(Reply("One")) as server:
        monkeypatch.setenv(variable, server.base_url)
        _, error = await read(chat_model(settings("openai:test")))
    assert error is None
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_settings_go_before_the_variables_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with ModelServer(Reply("One")) as server:
        _, error = await read(chat_model(settings("openai:test", base_url=server.base_url, api_key=KEY)))
    assert error is None
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_models_are_what_the_settings_say() -> None:
    model = chat_model(settings("openai:gpt-5-mini", api_key=KEY, context_tokens=9000, reply_tokens=500))
    assert isinstance(model, LangChainModel)
    assert (model.name, model.context_tokens, model.reply_tokens) == ("openai:gpt-5-mini", 9000, 500)
    assert CHAT_MODELS.get("local") is LocalModel


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"RAGBOT_LLM__BASE_URL": "localhost:1234"}, "llm.base_url in the environment variable RAGBOT_LLM__BASE_URL"),
        ({"RAGBOT_LLM__TIMEOUT": "0"}, "llm.timeout"),
        ({"RAGBOT_LLM__REPLY_TOKENS": "8000"}, "reply_tokens must be less than context_tokens"),
        ({"RAGBOT_LLM__MODLE": "openai:x"}, "Did you mean 'model'?"),
    ],
)
def test_settings_that_do_not_fit_are_refused(variables: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ=variables).section(ModelSettings)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["openai:gpt-5-mini", "local:/nowhere.gguf"])
def test_choosing_a_model_loads_neither_langchain_nor_llama(name: str) -> None:
    code = (
        "import sys\n"
        "from ragbot.adapters.chat_models.registry import chat_model\n"
        "from ragbot.adapters.chat_models.settings import ModelSettings\n"
        "from ragbot.core.errors import ConfigError\n"
        "try: chat_model(ModelSettings(model=sys.argv[1], api_key='x'))\n"
        "except ConfigError as error: print(error)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'langchain', 'langchain_core', 'langchain_openai', 'openai', 'xllamacpp'}, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert ("cannot be read: No such file" in done.stdout) == name.startswith("local:")
