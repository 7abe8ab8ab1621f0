"""Puts files into Slack: the external upload in three requests, and what became of it.

https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import OutcomeUnknown, SlackRefused
from bot.slack.calls import NO_ANSWER, asked, web_client
from bot.slack.downloads import NOT_SLACKS, is_slacks
from bot.slack.errors import from_answer, from_connection_error
from bot.slack.proxies import proxy_for
from bot.slack.values import word

MOST_ALT_CHARACTERS: Final = 1_000
_UPLOAD: Final = "upload"
_OK: Final = 200
# What was refused without a word is not Slack's to refuse; a few bytes tell what it was.
_MAX_RESPONSE_BYTES: Final = 1_000
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30.0, sock_connect=5.0)


def connect(base_url: str, session: aiohttp.ClientSession) -> SlackFiles:
    """Return what sends files to the Slack whose Web API is at `base_url`."""
    return SlackFiles(web_client(base_url, session), session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one file's bytes go, and the id that it will have; `url` is a secret until it is used."""

    file_id: str
    url: str


class SlackFiles:
    """Sends files to Slack and asks what became of them; raises what `SlackClient` raises."""

    def __init__(self, web: AsyncWebClient, session: aiohttp.ClientSession) -> None:
        self._web = web
        self._session = session

    # https://docs.slack.dev/reference/methods/files.getUploadURLExternal
    async def place(self, token: str, name: str, length: int, *, alt: str = "") -> Place:
        """Ask for a place for one file of `length` bytes, at least 1. One that is never used is nothing.

        `alt` is what a picture shows, in words.
        """
        fields: dict[str, Any] = {"filename": name, "length": length}
        if alt:
            fields["alt_txt"] = alt[:MOST_ALT_CHARACTERS]
        answer = await self._form("files.getUploadURLExternal", token, fields)
        made = Place(file_id=word(answer.get("file_id")), url=word(answer.get("upload_url")))
        if not made.file_id or not made.url:
            raise OutcomeUnknown("Slack answered files.getUploadURLExternal without a place")
        return made

    async def put(self, place: Place, content: bytes) -> None:
        """Send a file's bytes to its place, once, to Slack's own hosts only and along no redirect.

        Nobody sees the file by that.
        """
        if not is_slacks(place.url, self._web.base_url):
            raise SlackRefused(NOT_SLACKS, method=_UPLOAD)
        try:
            async with self._session.post(
                place.url,
                data=content,
                headers={"Content-Type": "application/octet-stream"},
                timeout=_TIMEOUT,
                allow_redirects=False,
                proxy=proxy_for(place.url),
            ) as response:
                await response.content.read(_MAX_RESPONSE_BYTES)
        except NO_ANSWER as error:
            # Without its cause, because some of aiohttp's errors quote the URL.
            raise from_connection_error(error, _UPLOAD) from None
        if response.status != _OK:
            raise from_answer(response.status, "", response.headers, method=_UPLOAD)

    # https://docs.slack.dev/reference/methods/files.completeUploadExternal
    async def complete(
        self,
        token: str,
        titles: Sequence[tuple[str, str]],
        channel: str,
        *,
        thread_ts: str | None = None,
        comment: str = "",
    ) -> None:
        """Show uploaded files, given as (id, title), in one message; Slack does that a little after its yes.

        Not repeatable: after `OutcomeUnknown` ask `shared_as` before anything else.
        """
        fields: dict[str, Any] = {
            "files": json.dumps([{"id": file_id, "title": title} for file_id, title in titles]),
            "channel_id": channel,
        }
        if thread_ts is not None:
            fields["thread_ts"] = thread_ts
        if comment:
            fields["initial_comment"] = comment
        await self._form("files.completeUploadExternal", token, fields)

    # https://docs.slack.dev/reference/objects/file-object
    async def shared_as(self, token: str, file_id: str, channel: str) -> str | None:
        """Return the `ts` of the message that shows a file in `channel`, None when there is none (yet).

        Needs `files:read`. A file that Slack does not know, or that was deleted, is shown nowhere.
        """
        try:
            answer = await self._form("files.info", token, {"file": file_id})
        except SlackRefused as error:
            if error.code in {"file_not_found", "file_deleted"}:
                return None
            raise
        file = answer.get("file")
        shares = file.get("shares") if isinstance(file, dict) else None
        found = [
            word(message.get("ts"))
            for kind in (shares.values() if isinstance(shares, dict) else ())
            if isinstance(kind, dict)
            for message in (kind.get(channel) or ())
            if isinstance(message, dict)
        ]
        return next(filter(None, found), None)

    async def delete(self, token: str, file_id: str) -> None:
        """Delete a file of ours; one that is gone already, or was never shown, is no error."""
        try:
            await self._form("files.delete", token, {"file": file_id})
        except SlackRefused as error:
            if error.code not in {"file_not_found", "file_deleted"}:
                raise

    async def _form(self, method: str, token: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        # A form is what these methods are sure to take; the token goes into a header all the same.
        answer = await asked(self._web, method, data=dict(fields), params={"token": token})
        data: Mapping[str, Any] = answer.data
        return data
