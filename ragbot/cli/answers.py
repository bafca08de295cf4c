"""An answer on the terminal: its text as it is written, then where each citation leads, or why there is none."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from ragbot.core.events import ChatEvent, Completed, Delta
from ragbot.core.types import Answer, Citation
from ragbot.terminal import console, emit_part, prose, shown

if TYPE_CHECKING:
    from rich.console import Console

_NEAREST = 3


async def spoken(events: AsyncGenerator[ChatEvent, None]) -> Answer:
    """Prints the events of one turn and gives the answer; what breaks is raised after what was said."""
    begun = False
    try:
        async with aclosing(events) as passed:
            async for event in passed:
                if isinstance(event, Delta):
                    begun = True
                    emit_part("\n".join(prose(line) for line in event.text.split("\n")))
                elif isinstance(event, Completed):
                    emit_part("\n")
                    _print_grounds(event.answer)
                    return event.answer
    except BaseException:
        if begun:
            emit_part("\n")
        raise
    raise AssertionError("unreachable: every stream ends with Completed or raises")


def _print_grounds(answer: Answer) -> None:
    out = console()
    if answer.citations:
        out.print()
    for citation in answer.citations:
        _print_citation(out, citation)
    if answer.outcome not in ("answered", "smalltalk"):
        from rich.markup import escape

        out.print(f"[dim]{escape(shown(answer.reason))}[/dim]")
        for source in list(dict.fromkeys(hit.chunk.source for hit in answer.hits))[:_NEAREST]:
            out.print(f"[dim]Nearest: {escape(shown(source))}[/dim]")
    for note in answer.notes:
        out.print(f"[dim]{shown(note)}[/dim]", markup=True)


def _print_citation(out: "Console", citation: Citation) -> None:
    from rich.markup import escape

    page = f", page {citation.page_start}" if citation.page_start else ""
    place = f"{shown(citation.source)}{page}, characters {citation.char_start}–{citation.char_end}"
    path = f"  {shown(' > '.join(citation.heading_path))}" if citation.heading_path else ""
    doubt = "" if citation.support == "supported" else f"  ({citation.support} support)"
    out.print(f"[bold]\\[{citation.n}][/bold] {escape(place)}[cyan]{escape(path)}[/cyan]{doubt}")
