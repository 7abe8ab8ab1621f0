"""The sandbox's control interface, and the bot's readiness, as the harness uses them."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx


class Control:
    """Speaks to the sandbox at `sandbox_url` and to the bot at `bot_url`."""

    def __init__(self, sandbox_url: str, bot_url: str) -> None:
        self.sandbox_url = sandbox_url
        self.bot_url = bot_url
        self._http = httpx.AsyncClient(timeout=60.0, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def post(self, path: str, **body: Any) -> Any:
        """Do something at the sandbox and return its answer."""
        answer = await self._http.post(f"{self.sandbox_url}/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def get(self, path: str, **query: str) -> Any:
        """Read something of the sandbox."""
        answer = await self._http.get(f"{self.sandbox_url}/_sandbox/{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    async def clear_faults(self) -> None:
        """Let nothing go wrong from now on."""
        (await self._http.delete(f"{self.sandbox_url}/_sandbox/faults")).raise_for_status()

    async def readiness(self) -> dict[str, Any] | None:
        """Return what the bot says about its backlog, None when it says nothing."""
        try:
            answer = await self._http.get(f"{self.bot_url}/readyz")
        except httpx.TransportError:
            return None
        return dict(answer.json())

    async def type_command(self, user_id: str, channel_id: str, text: str) -> dict[str, Any] | None:
        """Type `/caption text` and return the message that the person was shown, None without an answer."""
        outcome = await self.post(
            "slack/command", user_id=user_id, channel_id=channel_id, command="/caption", text=text
        )
        if outcome["status"] != httpx.codes.OK or outcome["shown"] is None:
            return None
        return dict(outcome["shown"])
