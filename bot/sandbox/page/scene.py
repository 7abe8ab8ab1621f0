"""What a renderer has to know besides the block in its hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.page.mrkdwn import Names
from bot.sandbox.slack.model import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One message or view as it is drawn.

    `key` makes the ids of form fields unique on the page. `own_url` is the sandbox's public address:
    only pictures from there are shown. `state` holds what was typed so far (block id -> action id ->
    Slack's typed value), `errors` the sentences under the fields, by block id. `conversations` are those that
    the person can choose from.
    """

    key: str
    names: Names
    own_url: str = ""
    state: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    conversations: Sequence[Channel] = ()

    def typed(self, block_id: str, action_id: str) -> Mapping[str, Any]:
        """Return the typed value of one element; empty when it has none."""
        found: Mapping[str, Any] = self.state.get(block_id, {}).get(action_id, {})
        return found

    def picture(self, url: str) -> str | None:
        """Return the path of a picture that the sandbox itself serves, else None."""
        own, asked = urlsplit(self.own_url), urlsplit(url)
        if (
            asked.scheme not in {"http", "https"}
            or asked.netloc != own.netloc
            or not asked.path.startswith("/")
        ):
            return None
        return asked.path + (f"?{asked.query}" if asked.query else "")
