"""Counts tokens as the embedding model does, without loading the model."""

from collections.abc import Sequence
from typing import Any

from ragbot.adapters.embedders.model_files import ModelFiles


class ModelTokens:
    """A ``TokenCounter`` over the model's own fast tokenizer."""

    def __init__(self, files: ModelFiles) -> None:
        self.max_tokens = files.max_tokens
        self._tokenizer = load_tokenizer(files)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts))]


def load_tokenizer(files: ModelFiles, *, truncate: bool = False) -> Any:
    """The tokenizer; it truncates only where asked to, because a shipped configuration does so silently."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(files.path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if truncate:
        tokenizer.enable_truncation(files.max_tokens)
    return tokenizer
