"""Settings of the stored conversations."""

from pydantic import Field

from ragbot.settings import Section


class StoreSettings(Section):
    """``store:``"""

    url: str = Field(
        "",
        description="Database of the conversations, such as sqlite+aiosqlite:////srv/conversations.sqlite3;"
        " empty: conversations.sqlite3 in the data directory.",
    )
    busy_timeout: float = Field(
        10, gt=0, le=600, description="Seconds to wait while another process writes to the conversations."
    )
