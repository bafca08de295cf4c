"""Template tags in Markdown sources (Liquid, Jinja, Hugo, kramdown, MDX, admonitions): their words, not them."""

import re

from ingest.cleaning import word_set

_COMMENTS = (
    (re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL), "endcomment"),
    (re.compile(r"\{#.*?#\}", re.DOTALL), "#}"),
    (re.compile(r"\{/\*.*?\*/\}", re.DOTALL), "*/}"),
)
_RAW = re.compile(r"\{%-?\s*(?:end)?(?:raw|verbatim)\s*-?%\}")
_TAG = re.compile(r"\{%-?\s*(/?\w[\w.-]*)((?:[^%]|%(?!\}))*?)-?%\}")
_SHORTCODE = re.compile(r"\{\{[<%]\s*(/?\s*\w[\w/.-]*)((?:[^>%]|[>%](?!\}\}))*?)/?\s*[>%]\}\}")
_ARGUMENT = re.compile(r"""(?:([\w-]+)\s*[=:]\s*)?(?:"([^"]*)"|'([^']*)')""")
_KRAMDOWN = re.compile(r"[ \t]*\{:[^{}\n]*\}")
_HEADING_ID = re.compile(r"^(#{1,6}[ \t].*?)[ \t]*\{[#.][^{}\n]*\}[ \t]*$", re.MULTILINE)
_TOC = re.compile(r"^[ \t]*(?:\[\[_TOC_\]\]|\[TOC\]|\$\{toc\})[ \t]*$", re.MULTILINE | re.IGNORECASE)
_MDX_IMPORT = re.compile(r"""^import\s(?:[\w*{][^\n'"]*\sfrom\s+)?['"][^'"\n]+['"];?[ \t]*$""", re.MULTILINE)
_MDX_EXPORT = re.compile(r"^export\s+(?:const|let|default|function)\b[^\n]*(?:\n(?=\S|[ \t]).*)*", re.MULTILINE)
_ROOT = re.compile(r"\{\{-?[^{}\n]*\}\}(?=/)")
_COLONS = re.compile(
    r"^([ \t]*):{3,}[ \t]*(?:\{?\.?([\w-]+)\}?)?[ \t]*(?:\[([^\]\n]*)\]|([^\n{]*?))?[ \t]*(?:\{[^}\n]*\})?$",
    re.MULTILINE,
)
_BANG = re.compile(r"""^([ \t]*)(?:!!!|\?\?\?\+?|===\+?)[ \t]+([\w -]*?)[ \t]*(?:"([^"\n]*)")?[ \t]*$""")
_ALERT = re.compile(r"^([ \t]*>[ \t]*)\[!(\w+)\][-+]?[ \t]*(.*)$", re.MULTILINE)
_PATH = re.compile(r"^$|^[#.]?/|^[\w./-]*/[\w./#?=&-]*$|^[\w-]+\.[a-z0-9]{2,5}$|^https?:")
_SILENT = word_set(
    "include include_relative render if elsif elseif else unless for case when assign capture set block extends "
    "import from macro load static url link post_url page download layout raw verbatim cycle tablerow increment "
    "decrement paginate partial relref ref with call filter autoescape csrf_token content-ref"
)
_SHOWN_KEYS = frozenset({"title", "label", "text", "caption", "alt", "summary", "header", "heading", "name"})


def clean_templates(text: str, *, mdx: bool) -> str:
    """Prose (no code) without template tags; words that only stand in a tag's arguments are kept."""
    if "{" in text:
        text = _RAW.sub("", _without_comments(text))
        closed = {match[1] for match in re.finditer(r"\{%-?\s*end_?(\w+)", text)}
        text = _TAG.sub(lambda match: visible_words(match[1], match[2], paired=match[1] in closed), text)
        text = _SHORTCODE.sub(lambda match: visible_words(match[1], match[2], paired=True), text)
        text = _HEADING_ID.sub(r"\1", _KRAMDOWN.sub("", text))
        text = _ROOT.sub("", text)
    if "import " in text or "export " in text:
        text = _MDX_IMPORT.sub("", text)
        if mdx:
            text = _MDX_EXPORT.sub("", text)
    if ":::" in text:
        text = _COLONS.sub(_admonition, text)
    if "[!" in text:
        text = _ALERT.sub(lambda m: f"{m[1]}**{m[3].strip() or m[2].capitalize()}**", text)
    return _TOC.sub("", text)


def _without_comments(text: str) -> str:
    """What follows the last end of a comment is not searched: each opening in it would look for an end in vain."""
    for pattern, ending in _COMMENTS:
        at = text.rfind(ending)
        if at >= 0:
            end = at + len(ending) + 20
            text = pattern.sub("", text[:end]) + text[end:]
    return text


def visible_words(name: str, arguments: str, *, paired: bool) -> str:
    """What a reader of the rendered page sees of a tag: its title or label; nothing for control tags."""
    if name.startswith(("/", "end")) or name.strip().lower() in _SILENT:
        return ""
    keyed: dict[str, str] = {key: a or b for key, a, b in _ARGUMENT.findall(arguments) if key}
    for key, value in keyed.items():
        if key.lower() in _SHOWN_KEYS and value.strip():
            return value
    if name == "embed" and keyed.get("url", "").startswith("http"):
        return keyed["url"]
    plain = [(a or b).strip() for key, a, b in _ARGUMENT.findall(arguments) if not key]
    if paired:
        plain = plain[:1]
    sentences = [value for value in plain if " " in value and not _PATH.match(value)]
    words = [value for value in plain if not _PATH.match(value)]
    return sentences[-1] if sentences else words[-1] if words else ""


def _admonition(match: re.Match[str]) -> str:
    indent, kind, bracketed, rest = match.groups()
    words = (bracketed or rest or "").strip()
    if not kind:
        return ""
    return f"{indent}**{words or kind.capitalize()}**\n"


def admonition_blocks(lines: list[str]) -> list[str]:
    """MkDocs blocks (``!!! note "Title"`` and an indented body) as a bold title and the body, not indented."""
    out: list[str] = []
    inside: int | None = None
    for line in lines:
        width = len(line) - len(line.lstrip(" "))
        if inside is not None and line.strip() and width < inside + 4:
            inside = None
        found = _BANG.match(line) if line.lstrip(" ").startswith(("!!! ", "??? ", "???+ ", '=== "')) else None
        if found:
            inside = len(found[1])
            words = found[3] if found[3] is not None else found[2].split(" ")[0].capitalize()
            out.extend([f"{found[1]}**{words}**", ""] if words else [""])
        else:
            out.append(line[4:] if inside is not None and width >= inside + 4 else line)
    return out
