"""What bytes are, judged by the bytes alone. Names and media types may lie; magic numbers rarely do."""

import re

PDF_WINDOW = 1024
"""Readers accept junk before ``%PDF-`` within this many bytes."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG image"),
    (0, b"\xff\xd8\xff", "JPEG image"),
    (0, b"GIF87a", "GIF image"),
    (0, b"GIF89a", "GIF image"),
    (0, b"II*\x00", "TIFF image"),
    (0, b"MM\x00*", "TIFF image"),
    (8, b"WEBP", "WebP image"),
    (4, b"ftypheic", "HEIC image"),
    (4, b"ftypavif", "AVIF image"),
    (0, b"\x00\x00\x01\x00", "icon image"),
    (0, b"8BPS", "Photoshop image"),
    (0, b"PK\x03\x04", "ZIP container"),
    (0, b"PK\x05\x06", "ZIP container"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "legacy Office container"),
    (0, b"\x1f\x8b", "gzip archive"),
    (0, b"BZh", "bzip2 archive"),
    (0, b"\xfd7zXZ\x00", "xz archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (0, b"Rar!\x1a\x07", "RAR archive"),
    (0, b"\x28\xb5\x2f\xfd", "zstd archive"),
    (257, b"ustar", "tar archive"),
    (0, b"ID3", "MP3 audio"),
    (0, b"OggS", "Ogg media"),
    (0, b"fLaC", "FLAC audio"),
    (8, b"WAVE", "WAV audio"),
    (4, b"ftyp", "MP4 media"),
    (0, b"\x1aE\xdf\xa3", "Matroska video"),
    (8, b"AVI ", "AVI video"),
    (0, b"\x7fELF", "program"),
    (0, b"\xcf\xfa\xed\xfe", "program"),
    (0, b"SQLite format 3\x00", "SQLite database"),
    (0, b"\x00asm", "WebAssembly module"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (0, b"{\\rtf", "RTF document"),
    (0, b"AT&TFORM", "DjVu document"),
    (0, b"ITSF", "CHM help file"),
)
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def binary_kind(data: bytes) -> str | None:
    """The name of a well-known binary format (``"PNG image"``), or None."""
    if data[:2] == b"MZ" and b"PE\x00\x00" in data[:1024]:
        return "program"
    return next((kind for at, magic, kind in _MAGIC if data.startswith(magic, at)), None)


def is_pdf(data: bytes, *, strict: bool) -> bool:
    """Whether a PDF begins here; ``strict`` allows only white space or a byte order mark before it."""
    at = data[: PDF_WINDOW + 5].find(b"%PDF-")
    return at == 0 or (at > 0 and (not strict or not data[:at].strip(b"\xef\xbb\xbf \t\r\n\0")))


def is_html(data: bytes) -> bool:
    """Whether the bytes open like a web page."""
    return _HTML.match(data[:4096].lstrip(b"\xef\xbb\xbf")) is not None


def has_bom(data: bytes) -> bool:
    """Whether a Unicode byte order mark starts the bytes."""
    return data.startswith(_BOMS)


def looks_binary(data: bytes) -> bool:
    """Whether the bytes are no text in any common encoding: control bytes that text does not use."""
    if binary_kind(data):
        return True
    if has_bom(data):
        return False
    head = data[:16384]
    if not head:
        return False
    if b"\x00" in head:
        return not _like_utf16(head)
    odd = sum(head.count(byte) for byte in _ODD)
    return odd / len(head) > 0.02


_ODD = [bytes([n]) for n in (*range(1, 7), *range(14, 27), 28, 29, 30, 31, 127)]


def _like_utf16(head: bytes) -> bool:
    """NUL bytes on one side only, as UTF-16 without a mark has them for Latin text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    pairs = len(head) // 2
    return pairs > 0 and min(even, odd) < 0.02 * pairs and max(even, odd) > 0.4 * pairs
