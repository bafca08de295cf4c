"""``ragbot chat``."""

import asyncio
import signal
import sys

import typer

from ragbot.bot import Bot
from ragbot.cli.answers import spoken
from ragbot.cli.options import ConfigOption, DataDirOption, PrincipalOption, RoleOption, settings_for
from ragbot.core.errors import ConfigError, ModelError
from ragbot.core.types import Message, Turn
from ragbot.settings import Settings
from ragbot.terminal import emit, say

_HELP = "Ask something. /new begins a new conversation, /quit ends (so does Ctrl-D)."
_QUIT = {"/quit", "/exit", "/q"}


def chat(
    ctx: typer.Context,
    role: RoleOption = None,
    principal: PrincipalOption = None,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Talk to the bot in the terminal; follow-ups know what was said before."""
    try:
        asyncio.run(_chat(settings_for(ctx, data_dir, config), role, frozenset(principal or [])))
    except KeyboardInterrupt:
        say("")


async def _chat(settings: Settings, role: str | None, principals: frozenset[str]) -> None:
    async with Bot.open(settings=settings) as bot:
        bot.roles.get(role)
        say(_HELP)
        conversation: list[Message] = []
        while (line := _read()) is not None:  # nothing else runs in this loop between two turns
            text = line.strip()
            if text in _QUIT:
                return
            if text == "/new":
                conversation.clear()
                say("A new conversation.")
            elif text.startswith("/"):
                say(f"There is no {text.split()[0]}. {_HELP}")
            elif text:
                await _turn(bot, Turn(text, tuple(conversation), principals, role), conversation)


async def _turn(bot: Bot, turn: Turn, conversation: list[Message]) -> None:
    try:
        answer = await spoken(bot.stream(turn))
    except (ConfigError, ModelError) as error:
        # A question too long, or a model that is down just now, ends the turn and not the talk.
        say(f"ragbot: {error}")
        return
    emit("")
    conversation += [Message("user", turn.question), Message("assistant", answer.text)]


def _read() -> str | None:
    """The next line, None at the end. The prompt goes to stderr, so that piped answers stay clean."""
    if sys.stdin.isatty():
        sys.stderr.write("> ")
        sys.stderr.flush()
    # asyncio's own handler only cancels the task, and reading would go on waiting for Enter.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return sys.stdin.readline() or None
    finally:
        signal.signal(signal.SIGINT, before)
