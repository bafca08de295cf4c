"""Every error ragbot raises on purpose.

    RagbotError
    ├── ConfigError            a setting, flag or role is wrong            exit 2
    │   └── UsageError         a command or call was given something odd   exit 2
    ├── DataDirError           the data directory cannot be used as it is  exit 2
    │   ├── FormatVersionError   written by another format version
    │   ├── EmbedderMismatchError  built with another embedding model
    │   ├── EmptyIndexError    nothing has been ingested yet
    │   └── IndexDamagedError  a part of the index is missing or unreadable
    ├── StorageError           the disk is full, read-only or failing      exit 4
    ├── LockHeldError          another writer holds the index              exit 5
    ├── UnavailableError       a needed model or service cannot be reached exit 4
    │   ├── MissingExtraError  an optional package is not installed
    │   └── ModelError           a language model failed
    │       ├── ModelTimeoutError   it took too long or stalled
    │       ├── ModelRejectedError  it refused the key, the model's name or the request
    │       └── ModelOutputError    it sent what cannot be read, or broke off
    ├── SourceError            a path to ingest does not exist or is unreadable  exit 2
    ├── DocumentError          one document cannot be ingested (a failure row, never fatal)
    │   └── UnsupportedError   no loader accepts it (an ignored row, never a failure)
    ├── NotFoundError          what was asked for by name does not exist   exit 2
    ├── ChangedError           the document has another revision by now    exit 2
    ├── ConflictError          another answer in this conversation is being written  exit 2
    └── AccessError            the caller is not known, or may not do this  exit 2
        ├── UnauthorizedError    no key, or a wrong one
        └── ForbiddenError       known, but not allowed

Every class carries ``code`` (stable, for machines), ``retryable`` and ``exit_code``.  The message
names the thing that is wrong; ``remedy`` says what to do about it.
"""

from typing import ClassVar


class RagbotError(Exception):
    """Base of the tree. ``str(error)`` is one sentence fit for a user."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class ConfigError(RagbotError):
    """A setting is wrong; the message names its path and the file it stands in."""

    code = "config"


class UsageError(ConfigError):
    """A flag, argument or input row is wrong; the message names it."""

    code = "usage"


class DataDirError(RagbotError):
    """The data directory cannot be used as it is."""

    code = "data_dir"


class FormatVersionError(DataDirError):
    """The data directory was written in another format version."""

    code = "format_version"


class EmbedderMismatchError(DataDirError):
    """The index was built with another embedding model than the one configured."""

    code = "embedder_mismatch"


class EmptyIndexError(DataDirError):
    """There is nothing to search yet."""

    code = "empty_index"


class IndexDamagedError(DataDirError):
    """A part of the index is missing or unreadable; ``ragbot doctor`` says which."""

    code = "index_damaged"


class StorageError(RagbotError):
    """The disk is full, read-only or failing."""

    code = "storage"
    retryable = True
    exit_code = 4


class LockHeldError(RagbotError):
    """Another process is writing to the index; the message names it."""

    code = "locked"
    retryable = True
    exit_code = 5


class UnavailableError(RagbotError):
    """A model or service that is needed cannot be reached or loaded."""

    code = "unavailable"
    retryable = True
    exit_code = 4


class MissingExtraError(UnavailableError):
    """An optional package is not installed; the message gives the install line."""

    code = "missing_extra"
    retryable = False


class ModelError(UnavailableError):
    """A language model cannot be reached or failed; the message names model and address, never the key."""

    code = "model_unavailable"


class ModelTimeoutError(ModelError):
    """The model took too long to begin, or fell silent in the middle of its reply."""

    code = "model_timeout"


class ModelRejectedError(ModelError):
    """The model's service refused the key, the model's name or the request: trying again changes nothing."""

    code = "model_rejected"
    retryable = False


class ModelOutputError(ModelError):
    """The model's service broke off, or sent something that is no reply."""

    code = "model_output"


class SourceError(RagbotError):
    """A path or URL given to ingest does not exist or cannot be read."""

    code = "source"


class NotFoundError(RagbotError):
    """A document, passage, conversation or message that was asked for by name does not exist for this caller."""

    code = "not_found"


class ChangedError(RagbotError):
    """A citation names a revision of a document that has been replaced."""

    code = "changed"


class ConflictError(RagbotError):
    """Two answers in one conversation at once."""

    code = "conflict"
    retryable = True


class AccessError(RagbotError):
    """The caller is not known, or may not do this."""

    code = "access"


class UnauthorizedError(AccessError):
    """The request carries no key, or a wrong one."""

    code = "unauthorized"


class ForbiddenError(AccessError):
    """The caller may not do this, whoever it is."""

    code = "forbidden"


class DocumentError(RagbotError):
    """One document cannot be ingested. Recorded as a failure; the run goes on.

    ``reason_code`` is one of the codes listed in docs/ingest.md, ``permanent`` says whether the same
    bytes will fail again, ``page`` is the 1-based page where it went wrong, if known.
    """

    code = "document"
    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        reason_code: str,
        permanent: bool = True,
        page: int | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.reason_code = reason_code
        self.permanent = permanent
        self.page = page

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling, and loaders run in a child process.
        return (_rebuild, (type(self), self.message, self.reason_code, self.permanent, self.page, self.remedy))


class UnsupportedError(DocumentError):
    """No loader accepts this file: it is ignored with its reason, which is no failure."""

    code = "unsupported"


def _rebuild(
    kind: type[DocumentError], message: str, reason_code: str, permanent: bool, page: int | None, remedy: str
) -> DocumentError:
    return kind(message, reason_code=reason_code, permanent=permanent, page=page, remedy=remedy)
