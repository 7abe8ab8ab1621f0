"""Where a file's bytes arrive between the first and the third step of an upload."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from bot.sandbox.slack.file_kinds import media_type
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.workspace import Workspace

# Slack publishes no lifetime; an address that nobody used for an hour is taken for lost here.
ADDRESS_LIFE_SECONDS: Final = 3_600.0

Allowed: TypeAlias = Literal["all", "images", "none"]
"""What the workspace's administrators let anybody upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """The file that an address stands for, its announced length in bytes, and when the address dies."""

    file_id: str
    length: int
    expires_at: float


class Uploads:
    """The addresses that were handed out for bytes that have not arrived yet, and who may have one."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._waiting: dict[str, Awaited] = {}
        self.allowed: Allowed = "all"

    def check(self, name: str) -> None:
        """Check that a file of this name may be uploaded at all.

        Raises:
            Refusal: `file_uploads_disabled` or `file_uploads_except_images_disabled`.
        """
        if self.allowed == "none":
            raise Refusal("file_uploads_disabled")
        if self.allowed == "images" and not media_type(name).startswith("image/"):
            raise Refusal("file_uploads_except_images_disabled")

    def address(self, file_id: str, length: int) -> str:
        """Return an address that takes exactly `length` bytes, once, within the hour."""
        token = secrets.token_urlsafe(18)
        expires_at = self._workspace.clock.now() + ADDRESS_LIFE_SECONDS
        self._waiting[token] = Awaited(file_id=file_id, length=length, expires_at=expires_at)
        return f"{self._workspace.config.public_url}/upload/v1/{token}"

    def awaits(self, token: str) -> bool:
        """Say whether this address was handed out here and has not been used."""
        return token in self._waiting

    def receive(self, token: str, content: bytes) -> bool:
        """Take a file's bytes.

        False when the address is unknown, used or too old, or the length is not the announced one.
        """
        awaited = self._waiting.get(token)
        now = self._workspace.clock.now()
        if awaited is None or now >= awaited.expires_at or len(content) != awaited.length:
            return False
        del self._waiting[token]
        file = self._workspace.files[awaited.file_id]
        file.content, file.uploaded = content, True
        self._workspace.journal.add(
            "slack.effect", "file.uploaded", file=file.id, filename=file.name, bytes=awaited.length
        )
        return True
