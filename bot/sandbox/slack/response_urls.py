"""`response_url`: five answers within thirty minutes, wherever the bot is or is not a member."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.blocks import checked_blocks
from bot.sandbox.slack.model import Message, Refusal
from bot.sandbox.slack.workspace import Workspace

# https://docs.slack.dev/interactivity/handling-user-interaction
MAX_USES = 5
LIFE_SECONDS = 1_800.0


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """One url's rights: where its answers go, and which message it may replace or delete."""

    token: str
    channel: str
    user: str
    expires_at: float
    original: Message | None = None
    command: str = ""
    uses: int = 0


class ResponseUrls:
    """Issues response urls and carries out what the bot posts to them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._urls: dict[str, ResponseUrl] = {}

    def issue(
        self, channel_id: str, user_id: str, *, original: Message | None = None, command: str = ""
    ) -> ResponseUrl:
        """Return a new right to answer `user_id` in a channel."""
        now = self._workspace.clock.now()
        for token in [token for token, one in self._urls.items() if now > 2 * LIFE_SECONDS + one.expires_at]:
            del self._urls[token]
        made = ResponseUrl(
            token=secrets.token_urlsafe(18),
            channel=channel_id,
            user=user_id,
            expires_at=now + LIFE_SECONDS,
            original=original,
            command=command,
        )
        self._urls[made.token] = made
        return made

    def address(self, url: ResponseUrl) -> str:
        """Return the address at which the bot reaches a response url."""
        config = self._workspace.config
        return f"{config.public_url}/response/{config.team_id}/{url.token}"

    def answer(self, token: str, body: dict[str, Any]) -> None:
        """Carry out one answer.

        Raises:
            Refusal: `expired_url`, `used_url`, `no_text`, `invalid_blocks` and the like.
        """
        url = self._urls.get(token)
        if url is None or self._workspace.clock.now() > url.expires_at:
            raise Refusal("expired_url")
        if url.uses >= MAX_USES:
            raise Refusal("used_url")
        url.uses += 1
        self.show(url, body)

    def show(self, url: ResponseUrl, body: dict[str, Any]) -> Message | None:
        """Do what a response (or an ack with content) says, and return the message it made or changed.

        Raises:
            Refusal: `no_text`, `invalid_blocks`.
        """
        if body.get("delete_original"):
            if url.original is not None and not url.original.deleted:
                self._workspace.delete(url.original)
            return None
        text = str(body.get("text") or "")
        blocks = checked_blocks(body.get("blocks"), most_characters=None)
        if not text and not blocks:
            raise Refusal("no_text")
        if body.get("replace_original") and url.original is not None and not url.original.deleted:
            self._workspace.update(url.original, text=text, blocks=blocks, metadata=url.original.metadata)
            return url.original
        shown = self._post(url, body, text, blocks)
        if url.original is None:
            url.original = shown
        return shown

    def _post(
        self, url: ResponseUrl, body: dict[str, Any], text: str, blocks: list[dict[str, Any]]
    ) -> Message:
        public = body.get("response_type") == "in_channel"
        thread_ts = body.get("thread_ts")
        first = url.original is None
        return self._workspace.post(
            url.channel,
            self._workspace.config.bot_user_id,
            text,
            blocks=blocks,
            thread_ts=str(thread_ts) if thread_ts else None,
            ephemeral_to=None if public else url.user,
            command=url.command if public and first else "",
        )
