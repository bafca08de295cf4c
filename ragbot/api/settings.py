"""Settings of the service."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from ragbot.settings import Section


def _sendable(key: SecretStr | None) -> SecretStr | None:
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{8,}", key.get_secret_value()):
        raise ValueError("A key has at least 8 characters, all of them letters, digits or signs of ASCII")
    return key


class ServiceSettings(Section):
    """``service:``"""

    host: str = Field("127.0.0.1", description="Address to listen on; any other than loopback needs a key.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    api_key: Annotated[SecretStr | None, AfterValidator(_sendable)] = Field(
        None,
        description="The key every request but health must carry; only from RAGBOT_API_KEY or RAGBOT_API_KEY_FILE.",
    )
    max_body: int = Field(524_288, ge=1024, description="Bytes of the largest request body that is read.")
    max_streams: int = Field(64, ge=1, description="Answers written at once; a further question is refused for now.")
    keep_alive: float = Field(15, gt=0, description="Seconds of silence after which a stream sends a comment line.")
    stop_after: float = Field(5, ge=0, description="Seconds that answers being written get when the service stops.")
    access_log: bool = Field(False, description="Log method, path, status and time of each request; never its content.")
