"""Which loaders there are, and which of them reads a blob.

Built-ins stand in ``BUILTIN`` as ``"module:attr"``; packages add theirs through the entry-point group
``ragbot.loaders``.  Loader modules are cheap to import: what is heavy is imported inside ``load``.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module, metadata
from typing import TYPE_CHECKING

from ingest.loaders.sniff import binary_kind, looks_binary
from ragbot.core.errors import ConfigError, DocumentError, RagbotError, UnsupportedError
from ragbot.core.ports import Loader
from ragbot.core.types import Blob, Document

if TYPE_CHECKING:
    from ingest.isolation import LoaderProcess

BUILTIN: tuple[str, ...] = (
    "ingest.loaders.pdf:PdfLoader",
    "ingest.loaders.html:HtmlLoader",
    "ingest.loaders.markdown:MarkdownLoader",
    "ingest.loaders.text:TextLoader",
)
GROUP = "ragbot.loaders"


@cache
def all_loaders() -> tuple[Loader, ...]:
    """Every loader, installed ones first, so that a package can take over a format. ``ConfigError`` names a
    package whose loader cannot be imported."""
    installed = sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)
    return tuple(_build(point.value) for point in installed) + tuple(_build(target) for target in BUILTIN)


def loader_named(name: str) -> Loader:
    """The loader of that name; ``ConfigError`` where there is none."""
    for loader in all_loaders():
        if loader.name == name:
            return loader
    raise ConfigError(f"There is no loader named {name}.")


def pick(blob: Blob, loaders: Sequence[Loader] | None = None) -> Loader:
    """The first loader that accepts the blob; ``UnsupportedError`` says why there is none."""
    for loader in all_loaders() if loaders is None else loaders:
        if loader.accepts(blob):
            return loader
    raise UnsupportedError(f"{_why_not(blob)}.", reason_code="unsupported_type")


def load_document(
    blob: Blob, loaders: Sequence[Loader] | None = None, *, process: "LoaderProcess | None" = None
) -> Document:
    """The document in ``blob``; loaders with ``isolated = True`` run in ``process`` where one is given.

    Raises ``UnsupportedError`` where no loader reads it, ``DocumentError`` where one tried and failed.
    """
    loader = pick(blob, loaders)
    if not blob.data.strip():
        raise DocumentError(
            f"{blob.name} is empty.", reason_code="empty", remedy="Fill it, or remove it from the folder."
        )
    if process is not None and getattr(loader, "isolated", False):
        return process.load(loader.name, blob)
    return run_loader(loader, blob)


def run_loader(loader: Loader, blob: Blob) -> Document:
    """``loader.load`` with foreign exceptions translated: ``corrupt``, or ``out_of_memory``."""
    try:
        return loader.load(blob)
    except RagbotError:
        raise
    except MemoryError as error:
        raise DocumentError(
            f"{blob.name} needs more memory than a document may use.",
            reason_code="out_of_memory",
            remedy="Split it, or raise the memory limit.",
        ) from error
    except Exception as error:
        raise DocumentError(
            f"The {loader.name} loader failed on {blob.name}: {type(error).__name__}: {error}"[:500],
            reason_code="corrupt",
            remedy="Open and save it again in the program that wrote it.",
        ) from error


def _build(target: str) -> Loader:
    module, _, attribute = target.partition(":")
    try:
        loader: Loader = getattr(import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"The loader {target} cannot be loaded: {error}") from error
    return loader


def _why_not(blob: Blob) -> str:
    kind = binary_kind(blob.data)
    if kind is None and looks_binary(blob.data):
        kind = "binary file"
    if blob.suffix:
        return f"No loader reads {blob.suffix} files" + (f" ({kind})" if kind else "")
    return f"No loader reads {blob.name} ({kind or 'unknown type'})"
