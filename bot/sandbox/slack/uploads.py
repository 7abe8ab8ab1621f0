"""Where a file's bytes arrive between the first and the third step of an upload."""

from __future__ import annotations

import secrets

from bot.sandbox.slack.workspace import Workspace


class Uploads:
    """The addresses that were handed out for bytes that have not arrived yet."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._waiting: dict[str, tuple[str, int]] = {}

    def address(self, file_id: str, length: int) -> str:
        """Return an address that takes exactly `length` bytes, once."""
        token = secrets.token_urlsafe(18)
        self._waiting[token] = (file_id, length)
        return f"{self._workspace.config.public_url}/upload/v1/{token}"

    def receive(self, token: str, content: bytes) -> bool:
        """Take a file's bytes; False when the address is unknown or used, or the length is wrong."""
        file_id, length = self._waiting.get(token, ("", -1))
        if len(content) != length:
            return False
        del self._waiting[token]
        file = self._workspace.files[file_id]
        file.content, file.uploaded = content, True
        self._workspace.journal.add(
            "slack.effect", "file.uploaded", file=file_id, filename=file.name, bytes=length
        )
        return True
