"""Settings of the prompts."""

from pydantic import Field

from ragbot.settings import Section


class PromptSettings(Section):
    """``prompts:``"""

    role: str = Field("support", description="The role the bot plays where a request names none.")
    folder: str = Field("", description="Folder with role files of one's own; they go before shipped ones.")
    variables: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="Values for the variables that role files declare."
    )
