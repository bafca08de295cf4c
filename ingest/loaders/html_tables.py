"""HTML tables as pipe tables: spans resolved, full-width rows set apart as text, layout tables unwrapped."""

from collections.abc import Callable, Iterator

from ingest.loaders.html_tree import Node

MAX_COLUMNS = 100
_Row = tuple[list[str], bool, bool]
"""Cells, whether all are header cells, whether one cell spans the whole row."""


def render_table(table: Node, cell_text: Callable[[Node], str], blocks: Callable[[Node], list[str]]) -> list[str]:
    """The blocks of a table: its caption and full-width rows as paragraphs, the rest as one pipe table."""
    if _is_layout(table):
        return [block for _, cells, _ in _rows(table) for cell in cells for block in blocks(cell)]
    rows = _without_empty_columns(_grid(table, cell_text))
    width = max((len(cells) for cells, _, _ in rows), default=0)
    before = [f"**{text}**" for node in table.elements() if node.tag == "caption" and (text := cell_text(node))]
    after: list[str] = []
    while rows and _spans(rows[0], width):
        before.append(rows.pop(0)[0][0])
    while rows and _spans(rows[-1], width):
        after.insert(0, rows.pop()[0][0])
    if width <= 1:
        return [*before, *(cells[0] for cells, _, _ in rows if cells and cells[0]), *after]
    return [*before, *([pipe_table([cells for cells, _, _ in rows], _header_at(rows))] if rows else []), *after]


def _without_empty_columns(rows: list[_Row]) -> list[_Row]:
    width = max((len(cells) for cells, _, _ in rows), default=0)
    full = [at for at in range(width) if any(at < len(cells) and cells[at].strip("\x01") for cells, _, _ in rows)]
    return [([cells[at] if at < len(cells) else "" for at in full], head, wide) for cells, head, wide in rows]


def pipe_table(rows: list[list[str]], header: int | None) -> str:
    """Rows of cells as a pipe table; ``header`` says which row is the header, None that there is none."""
    width = max(len(row) for row in rows)
    lines = [_line(row, width) for row in rows]
    rule = "|" + " --- |" * width
    if header is None:
        return "\n".join([_line([], width), rule, *lines])
    return "\n".join([lines[header], rule, *lines[:header], *lines[header + 1 :]])


def _line(cells: list[str], width: int) -> str:
    padded = [*cells, *[""] * (width - len(cells))]
    return "| " + " | ".join(cell.replace("\\|", "|").replace("|", "\\|") for cell in padded) + " |"


def _header_at(rows: list[_Row]) -> int | None:
    """Row 0, unless it visibly is no header: its first cell alone is one, as in key and value tables."""
    keyed = any(not all_head and cells and cells[0].startswith("\x01") for cells, all_head, _ in rows)
    first_is_header = rows[0][1]
    for cells, _, _ in rows:
        if cells:
            cells[0] = cells[0].lstrip("\x01")
    return None if keyed and not first_is_header else 0


def _spans(row: _Row, width: int) -> bool:
    return row[2] and width > 1


def _is_layout(table: Node) -> bool:
    if table.attrs.get("role") in ("presentation", "none"):
        return True
    if any(node.tag == "table" and node is not table for node in table.walk()):
        return True
    cells = [cell for _, row, _ in _rows(table) for cell in row]
    one_column = all(len(row) <= 1 for _, row, _ in _rows(table))
    return one_column or any(_holds_page(cell) for cell in cells)


def _holds_page(cell: Node) -> bool:
    """Whether a cell is a part of the page's layout: it has headings of its own, or very much text."""
    if not cell.has_block:
        return False
    headings = sum(node.tag in ("h1", "h2", "h3") for node in cell.walk())
    return headings > 1 or any(node.tag in ("h1", "form") for node in cell.walk()) or len(cell.text()) > 3_000


def _rows(table: Node) -> Iterator[tuple[Node, list[Node], bool]]:
    """Row elements with their cells, and whether they stand in ``<thead>``; nested tables are not entered."""
    for child in table.elements():
        if child.tag in ("thead", "tbody", "tfoot"):
            for row in child.elements():
                if row.tag == "tr":
                    yield row, [cell for cell in row.elements() if cell.tag in ("td", "th")], child.tag == "thead"
        elif child.tag == "tr":
            yield child, [cell for cell in child.elements() if cell.tag in ("td", "th")], False


def _grid(table: Node, cell_text: Callable[[Node], str]) -> list[_Row]:
    rows: list[_Row] = []
    down: dict[int, tuple[int, str]] = {}
    for _, cells, in_head in _rows(table):
        out: list[str] = []
        queue = list(cells)
        while queue or any(at >= len(out) for at in down):
            if len(out) in down:
                left, text = down.pop(len(out))
                if left > 1:
                    down[len(out)] = (left - 1, text)
                out.append(text)
            elif queue:
                cell = queue.pop(0)
                text = cell_text(cell)
                for extra in range(_span(cell, "colspan")):
                    if _span(cell, "rowspan") > 1:
                        down[len(out)] = (_span(cell, "rowspan") - 1, "" if extra else text)
                    out.append("" if extra else text)
            else:
                out.append("")
            if len(out) >= MAX_COLUMNS:
                break
        if not any(out):
            continue
        all_head = in_head or all(cell.tag == "th" for cell in cells)
        if cells and cells[0].tag == "th" and not all_head:
            out[0] = "\x01" + out[0]
        rows.append((out, all_head, len(cells) == 1 and _span(cells[0], "colspan") > 1))
    return rows


def _span(cell: Node, name: str) -> int:
    value = cell.attrs.get(name, "1").strip()
    return max(1, min(int(value), MAX_COLUMNS)) if value.isdecimal() and len(value) < 6 else 1
