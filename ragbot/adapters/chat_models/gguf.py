"""The start of a GGUF file: whether it is one, and how much the model in it was trained to read."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ragbot.core.errors import ConfigError

_MAGIC = b"GGUF"
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9
_LONGEST_TEXT = 10_000_000
_MOST_VALUES = 100_000


def context_length(path: Path) -> int | None:
    """The tokens the model was trained to read, None where its file does not say.

    Raises ``ConfigError`` for a file that is missing, unreadable or no GGUF.  What is wrong further inside is found
    when it is loaded.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != _MAGIC:
                raise ConfigError(
                    f"llm.model names {path}, which is no GGUF file.",
                    remedy="Download the model again, in the GGUF format.",
                )
            for key, value in _values(file):
                if key.endswith(".context_length") and isinstance(value, int) and value > 0:
                    return value
                if key.startswith("tokenizer."):  # hundreds of thousands of words, and nothing for us after them
                    return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"llm.model names {path}, which cannot be read: {reason}.") from error
    except (struct.error, UnicodeDecodeError, KeyError, ValueError):
        return None
    return None


def _values(file: BinaryIO) -> Iterator[tuple[str, object]]:
    """Keys and values in their order; lists are passed over. Raises what ``struct`` does where the file is broken."""
    version, _tensors, count = struct.unpack("<IQQ", file.read(20))
    if version not in (2, 3) or count > _MOST_VALUES:
        raise ValueError(version)
    for _ in range(count):
        key = _text(file)
        (kind,) = struct.unpack("<I", file.read(4))
        yield key, _value(file, kind)


def _value(file: BinaryIO, kind: int) -> object:
    if kind == _TEXT:
        return _text(file)
    if kind != _LIST:
        (number,) = struct.unpack("<" + _SCALARS[kind], file.read(struct.calcsize(_SCALARS[kind])))
        return number
    inner, length = struct.unpack("<IQ", file.read(12))
    if inner in _SCALARS:
        file.seek(length * struct.calcsize(_SCALARS[inner]), 1)
    elif length <= _MOST_VALUES:
        for _ in range(length):
            _value(file, inner)
    else:
        raise ValueError(length)
    return None


def _text(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > _LONGEST_TEXT:
        raise ValueError(length)
    return file.read(length).decode("utf-8")
