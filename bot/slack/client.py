"""Sends to Slack's Web API. Every failure comes out as one of `bot.errors`; nothing is repeated."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import OutcomeUnknown
from bot.metrics import Heard
from bot.rules.files import SlackFile
from bot.slack.calls import NO_ANSWER, call, web_client
from bot.slack.downloads import download
from bot.slack.errors import from_answer, from_connection_error
from bot.slack.measuring import measuring
from bot.slack.proxies import proxy_for
from bot.slack.values import Found, Identity, Person, Posted, read_file, word

__all__ = ["Blocks", "Found", "Identity", "Posted", "SlackClient", "connect", "open_session"]

Blocks = Sequence[Mapping[str, Any]]

_PAGE: Final = 100
_MAX_PAGES: Final = 10
_MAX_RESPONSE_BYTES: Final = 10_000
_OK: Final = 200
_CODE: Final = re.compile(r"[a-z][a-z_]{2,60}")
_TS: Final = re.compile(r"[0-9]+\.[0-9]+")


def open_session(*, total_seconds: float = 10.0, heard: Heard | None = None) -> aiohttp.ClientSession:
    """Return a pool of connections for `connect`; whoever calls it closes it. `heard` is told how each went.

    The time-out must be the session's: with a shared session slack-sdk ignores its own.
    """
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=total_seconds, sock_connect=total_seconds / 2),
        trace_configs=[] if heard is None else [measuring(heard)],
    )


def connect(base_url: str, session: aiohttp.ClientSession) -> SlackClient:
    """Return a client of the Web API at `base_url` (`https://slack.com/api/`) over `session`.

    No retry handlers: slack-sdk's default one posts a message twice after a dropped connection. A proxy
    is taken from the environment, except for this machine itself and for what NO_PROXY names.
    """
    return SlackClient(web_client(base_url, session), session)


class SlackClient:
    """Slack's Web API, each call one request or a bounded number of reads, with the token of a workspace.

    Every method may raise `NotReached` or `Throttled` (certainly not done), `OutcomeUnknown` (a write may
    have been done; a read learnt nothing) and `SlackRefused` (a definite no, with Slack's code).
    """

    def __init__(self, web: AsyncWebClient, session: aiohttp.ClientSession) -> None:
        self._web = web
        self._session = session

    async def post(
        self,
        token: str,
        channel: str,
        text: str,
        blocks: Blocks,
        *,
        metadata: Mapping[str, Any] | None = None,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Posted:
        """Post a message, in the thread of `thread_ts` (a parent's, never a reply's) if given.

        With `broadcast` a reply is shown in its channel too.

        Not repeatable: after `OutcomeUnknown` look for it by its `metadata` before posting again. Check
        `Posted.thread_ts`: a reply to a deleted parent lands in the channel.
        """
        wider = True if broadcast and thread_ts is not None else None
        said = _said(text, blocks, metadata=metadata, thread_ts=thread_ts, reply_broadcast=wider)
        answer = await self._write(
            "chat.postMessage", token, channel=channel, unfurl_links=False, unfurl_media=False, **said
        )
        message = _object(answer, "message")
        return Posted(
            channel=word(answer.get("channel")) or channel,
            ts=_required(answer, "ts", "chat.postMessage"),
            thread_ts=word(message.get("thread_ts")) or None,
        )

    async def update(
        self,
        token: str,
        channel: str,
        ts: str,
        text: str,
        blocks: Blocks,
        *,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Replace a message of ours; repeatable. Without `metadata` it keeps the one it has."""
        said = _said(text, blocks, metadata=metadata)
        await self._write("chat.update", token, channel=channel, ts=ts, **said)

    async def delete(self, token: str, channel: str, ts: str) -> None:
        """Delete a message of ours; `message_not_found` when it is gone already."""
        await self._write("chat.delete", token, channel=channel, ts=ts)

    async def post_ephemeral(
        self, token: str, channel: str, user: str, text: str, blocks: Blocks, *, thread_ts: str | None = None
    ) -> None:
        """Show something to one member of the channel, who may never see it; not repeatable."""
        said = _said(text, blocks, thread_ts=thread_ts)
        await self._write("chat.postEphemeral", token, channel=channel, user=user, **said)

    async def replies(self, token: str, channel: str, thread_ts: str, oldest: float = 0.0) -> list[Found]:
        """Return the messages of a thread from `oldest` (seconds since the epoch) on, metadata included.

        Slack puts the parent first whatever its age. A thread too long to be read whole raises
        `OutcomeUnknown`, because what is not in a part of it may be in the rest.
        """
        query = {"channel": channel, "ts": thread_ts, "oldest": _ts(oldest)}
        return await self._read_messages("conversations.replies", token, query)

    async def history(
        self, token: str, channel: str, oldest: float, latest: float | None = None
    ) -> list[Found]:
        """Return the messages at the top level of a channel between two times; otherwise as `replies`."""
        query = {"channel": channel, "oldest": _ts(oldest)}
        if latest is not None:
            query["latest"] = _ts(latest)
        return await self._read_messages("conversations.history", token, query)

    async def open_dm(self, token: str, user: str) -> str:
        """Return the id of the bot's conversation with `user`, opening it if need be; repeatable."""
        answer = await self._write("conversations.open", token, users=user)
        return _required(_object(answer, "channel"), "id", "conversations.open")

    async def auth_test(self, token: str) -> Identity:
        """Return whose token this is and its scopes."""
        response = await self._call("auth.test", token, {})
        scopes = response.headers.get("x-oauth-scopes", "")
        answer = response.data
        return Identity(
            **{
                name: word(answer.get(name))
                for name in ("team_id", "team", "url", "user_id", "bot_id", "app_id", "enterprise_id")
            },
            scopes=frozenset(filter(None, (scope.strip() for scope in scopes.split(",")))),
        )

    async def person(self, token: str, user_id: str) -> Person:
        """Return what somebody is to the workspace; needs the scope `users:read`."""
        answer = (await self._call("users.info", token, {"user": user_id}, http_verb="GET")).data
        return Person.from_user(_object(answer, "user"), user_id)

    async def file_info(self, token: str, file_id: str) -> SlackFile:
        """Return what Slack says of a file; needs the scope `files:read`."""
        answer = (await self._call("files.info", token, {"file": file_id}, http_verb="GET")).data
        return read_file(_object(answer, "file"), file_id)

    def download(self, token: str, url: str) -> AsyncIterator[bytes]:
        """Return the bytes of a file piece by piece, never more than some pieces in memory; see there."""
        return download(self._session, token, url, api_url=self._web.base_url)

    async def views_open(self, token: str, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Open a modal within 3 s of the click that made `trigger_id`, and return its view id."""
        answer = await self._write("views.open", token, trigger_id=trigger_id, view=view)
        return _required(_object(answer, "view"), "id", "views.open")

    async def views_update(
        self, token: str, view_id: str, view: Mapping[str, Any], expected_hash: str | None = None
    ) -> None:
        """Replace a modal; with `expected_hash` only if nobody replaced it since (`hash_conflict`)."""
        guard = {} if expected_hash is None else {"hash": expected_hash}
        await self._write("views.update", token, view_id=view_id, view=view, **guard)

    async def views_publish(self, token: str, user: str, view: Mapping[str, Any]) -> None:
        """Replace the App Home of one person; repeatable."""
        await self._write("views.publish", token, user_id=user, view=view)

    # https://docs.slack.dev/reference/methods/chat.getPermalink
    async def permalink(self, token: str, channel: str, ts: str) -> str:
        """Return the address at which people see a message."""
        answer = await self._call("chat.getPermalink", token, {"channel": channel, "message_ts": ts}, "GET")
        return word(answer.data.get("permalink"))

    # https://docs.slack.dev/reference/methods/functions.completeSuccess
    async def complete_step(self, token: str, execution_id: str, outputs: Mapping[str, Any]) -> None:
        """End a run of a workflow step well; repeatable: `execution_not_in_running_state` if it has ended.

        The app's own token does it, whenever that is: the one that comes with a run dies after 15 minutes.
        """
        await self._write(
            "functions.completeSuccess", token, function_execution_id=execution_id, outputs=outputs
        )

    async def fail_step(self, token: str, execution_id: str, error: str) -> None:
        """End a run of a workflow step badly; people read `error`. Repeatable like `complete_step`."""
        await self._write("functions.completeError", token, function_execution_id=execution_id, error=error)

    async def respond(
        self,
        response_url: str,
        text: str,
        blocks: Blocks,
        *,
        in_channel: bool = False,
        replace_original: bool = False,
        delete_original: bool = False,
    ) -> None:
        """Answer through a response_url: five times at most, within 30 minutes, by default unseen by others.

        The URL is a secret and stands in no error. After its time Slack says `used_url` or `expired_url`.
        """
        body: dict[str, Any] = {
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": replace_original,
        }
        body |= {"delete_original": True} if delete_original else _said(text, blocks)
        try:
            async with self._session.post(
                response_url, json=body, proxy=proxy_for(response_url), allow_redirects=False
            ) as response:
                content = await response.content.read(_MAX_RESPONSE_BYTES)
        except NO_ANSWER as error:
            # Without its cause, because some of aiohttp's errors quote the URL.
            raise from_connection_error(error, "response_url") from None
        code = _response_code(content)
        if response.status != _OK or code:
            raise from_answer(response.status, code, response.headers, method="response_url")

    async def _read_messages(self, method: str, token: str, query: Mapping[str, str]) -> list[Found]:
        fixed = {**query, "limit": str(_PAGE), "include_all_metadata": "true", "inclusive": "true"}
        found: list[Found] = []
        cursor = ""
        for _ in range(_MAX_PAGES):
            page = {**fixed, "cursor": cursor} if cursor else fixed
            answer = (await self._call(method, token, page, http_verb="GET")).data
            messages = answer.get("messages")
            if not isinstance(messages, list):
                raise OutcomeUnknown(f"Slack answered {method} without messages")
            read = [Found.from_message(each, query["channel"]) for each in messages if isinstance(each, dict)]
            found.extend(message for message in read if _TS.fullmatch(message.ts))
            cursor = word(_object(answer, "response_metadata").get("next_cursor"))
            if not cursor and not answer.get("has_more"):
                return found
            if not cursor:
                break
        raise OutcomeUnknown(f"Slack has more messages for {method} than were read")

    async def _write(self, method: str, token: str, **body: Any) -> Mapping[str, Any]:
        data: Mapping[str, Any] = (await self._call(method, token, body)).data
        return data

    async def _call(self, method: str, token: str, fields: Mapping[str, Any], http_verb: str = "POST") -> Any:
        return await call(self._web, method, token, fields, http_verb=http_verb)


def _said(text: str, blocks: Blocks, **more: Any) -> dict[str, Any]:
    said = {"text": text, "blocks": list(blocks) or None, **more}
    return {name: value for name, value in said.items() if value is not None}


def _object(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def _required(answer: Mapping[str, Any], name: str, method: str) -> str:
    value = word(answer.get(name))
    if not value:
        raise OutcomeUnknown(f"Slack answered {method} without {name}")
    return value


def _ts(seconds: float) -> str:
    return f"{seconds:.6f}"


def _response_code(content: bytes) -> str:
    text = content.decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return text if text != "ok" and _CODE.fullmatch(text) else ""
    if not isinstance(answer, dict) or answer.get("ok", True):
        return ""
    return word(answer.get("error")) or "unknown_error"
