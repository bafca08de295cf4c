"""Bytes to text: byte order marks, UTF-8, a declared encoding, then statistics. Never mojibake silently."""

import codecs
import re
from dataclasses import dataclass

from ingest.loaders.sniff import binary_kind, looks_binary
from ragbot.core.errors import DocumentError
from ragbot.core.types import Blob

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 256 * 1024
_WEB_NAMES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252"}
_C1 = re.compile("[\x80-\x9f]")
_BAD_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the Python name of its encoding, and what was odd about it."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(blob: Blob, *, declared: str | None = None) -> Decoded:
    """The text of ``blob``; ``declared`` is what the document says of its own encoding, to be doubted.

    Raises ``DocumentError`` with reason ``binary`` where the bytes are no text, ``encoding`` where no
    encoding fits.
    """
    data = blob.data
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _with_replacements(blob, data[len(mark) :], name)
    if looks_binary(data):
        kind = binary_kind(data) or "binary data"
        raise DocumentError(
            f"{blob.name} holds {kind}, not text.",
            reason_code="binary",
            remedy="Give it its real ending, or remove it.",
        )
    if b"\x00" in data:
        return _with_replacements(blob, data, "utf-16-be" if data[0] == 0 else "utf-16-le")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        # A file cut in the middle of a character is still UTF-8.
        if error.start >= len(data) - 3 and error.start > 0 and not data[: error.start].isascii():
            return Decoded(data[: error.start].decode("utf-8"), "utf-8", ("the last character was cut off",))
    return _declared(data, declared) or _mostly_utf8(data) or _guessed(blob)


def _with_replacements(blob: Blob, data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    bad = text.count("\ufffd")
    if bad > max(2, _BAD_SHARE * len(text)):
        raise _no_encoding(blob)
    return Decoded(text, encoding, (f"{bad} characters could not be decoded",) if bad else ())


def _declared(data: bytes, declared: str | None) -> Decoded | None:
    """The declared encoding where it decodes without C1 controls, which are a sign of the wrong one."""
    if not declared:
        return None
    name = declared.strip().strip("\"'").lower()
    name = _WEB_NAMES.get(name, name)
    try:
        info = codecs.lookup(name)
        text = data.decode(info.name)
    except (LookupError, UnicodeDecodeError, ValueError):
        return None
    if info.name in ("utf-16", "utf-16-le", "utf-16-be", "utf-7") or _C1.search(text):
        return None
    # Latin-1 is declared by habit: with high bytes in long runs it is Cyrillic, Greek, Arabic or the like.
    if info.name in ("cp1252", "iso8859-15") and not _western(data):
        return None
    return Decoded(text, info.name)


def _mostly_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few broken bytes, as concatenated logs have it; only where real sequences dominate."""
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    real = sum(1 for char in text if char > "\x7f") - bad
    if real > 20 * bad:
        return Decoded(text, "utf-8", (f"{bad} characters could not be decoded",))
    return None


def _guessed(blob: Blob) -> Decoded:
    from charset_normalizer import from_bytes

    data = blob.data
    best = from_bytes(data[:_SAMPLE], preemptive_behaviour=False).best()
    name = best.encoding if best is not None else "cp1252"
    # For a short Western text every single-byte code page looks alike; Windows-1252 is the likeliest by far.
    if _western(data) and not _NOT_CP1252.search(data):
        name = "cp1252"
    try:
        text = data.decode(name, errors="replace")
    except LookupError:
        raise _no_encoding(blob) from None
    if text.count("\ufffd") > _BAD_SHARE * len(text) or _C1.search(text[:4096]):
        raise _no_encoding(blob)
    return Decoded(text, name, (f"encoding guessed: {name}",))


_NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_RUNS = re.compile(rb"[\x80-\xff]{3,}")


def _western(data: bytes) -> bool:
    """Mostly ASCII with lone high bytes, as accented Western text is; Cyrillic or Arabic comes in runs."""
    sample = data[:_SAMPLE]
    high = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    in_runs = sum(len(run) for run in _RUNS.findall(sample))
    return high < 0.25 * len(sample) and in_runs <= 0.3 * high


def _no_encoding(blob: Blob) -> DocumentError:
    return DocumentError(
        f"The text encoding of {blob.name} cannot be told.",
        reason_code="encoding",
        remedy="Save it as UTF-8.",
    )
