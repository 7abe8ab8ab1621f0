"""Sends to Mux; the only module that knows httpx. Every failure comes out as one of `bot.errors`."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx

from bot import __version__
from bot.errors import MuxRefused, OutcomeUnknown
from bot.mux.answers import Account, read_account, read_error, read_job
from bot.mux.creating import WORKFLOW, create_body, same_work
from bot.mux.exchange import answered, send
from bot.mux.reading import MAX_BYTES, Malformed, identifier, mapping, mappings, moment, parse
from bot.mux.uploads import MuxUpload, is_safe, read_upload, upload_body
from bot.mux.videos import Page, PlaybackTarget, read_page, read_target, read_video
from bot.rules.jobs import Report
from bot.rules.request import CaptionRequest
from bot.rules.video import Video

T = TypeVar("T")

_VIDEO: Final = "/video/v1"
_NOT_FOUND: Final = 404
_PAGE: Final = 100
_MAX_PAGES: Final = 10
# How far Mux's clock and ours may lie apart.
_CLOCKS_APART_SECONDS: Final = 300.0


def connect(
    base_url: str,
    token_id: str,
    token_secret: str,
    *,
    timeout_seconds: float = 10.0,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Return a pool of connections to Mux that repeats nothing and follows nothing by itself.

    Whoever calls it closes it. A proxy in the environment is respected unless `transport` is given.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        auth=httpx.BasicAuth(token_id, token_secret),
        timeout=httpx.Timeout(timeout_seconds, connect=timeout_seconds / 2, pool=timeout_seconds / 2),
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=30.0),
        headers={"User-Agent": f"caption-bot/{__version__}", "Accept": "application/json"},
        follow_redirects=False,
        transport=transport,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A job as the list shows it: without its passthrough, its parameters or its asset."""

    mux_id: str
    created_at: float


class MuxClient:
    """Caption jobs at Mux, each call one request or a bounded number of reads.

    Every method may raise `NotReached` or `Throttled` (certainly not done), `OutcomeUnknown` (a create or
    cancel may have been done; a read learnt nothing) and `MuxRefused` (a definite no). A request takes at
    most `total_seconds` altogether, reading the answer included.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        version: str = "v0",
        total_seconds: float = 10.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._jobs = f"/robots/{version}/jobs"
        self._total_seconds = total_seconds
        self._now = now

    async def create(self, request: CaptionRequest, passthrough: str) -> Report:
        """Start a job, which costs money, stamped with `passthrough` so that it can be found again.

        Not repeatable: after `OutcomeUnknown` use `find` first. A 409 (`MuxRefused`) means that the same
        work is under way: see `running`.
        """
        answer = await self._ask("POST", f"{self._jobs}/{WORKFLOW}", body=create_body(request, passthrough))
        return _report(_data(answer))

    async def get(self, mux_id: str) -> Report:
        """Return the job as it is now; `MuxRefused` with status 404 after its 30 days."""
        return _report(await self._open(mux_id))

    async def find(
        self, asset_id: str, passthrough: str, *, newest: int = 20, since: float | None = None
    ) -> Report | None:
        """Return the job on that asset with that `passthrough`, the oldest of several; see `copies`."""
        found = await self.copies(asset_id, passthrough, newest=newest, since=since)
        return found[0] if found else None

    async def copies(
        self, asset_id: str, passthrough: str, *, newest: int = 20, since: float | None = None
    ) -> list[Report]:
        """Return every job on that asset with that `passthrough`, oldest first; more than one is too many.

        Opens at most the `newest` jobs, because only an opened job shows its passthrough. `since` (when the
        create was first intended, seconds since the epoch) spares the jobs from before that, give or take
        five minutes of difference between clocks. Nothing means that Mux listed no such job, which is no
        proof in the first minute after a create. If there were too many jobs to look at all that `since`
        allows, absence is not claimed: `OutcomeUnknown`.
        """
        earliest = -math.inf if since is None else since - _CLOCKS_APART_SECONDS
        listed = [job for job in await self._list(asset_id) if job.created_at >= earliest]
        listed.sort(key=lambda job: job.created_at, reverse=True)
        opened = [await self._open_if_there(job.mux_id) for job in listed[:newest]]
        ours = [job for job in opened if job is not None and job.get("passthrough") == passthrough]
        if not ours and since is not None and len(listed) > newest:
            raise OutcomeUnknown(f"Mux lists {len(listed)} recent jobs on that asset, too many to open all")
        return [_report(job) for job in reversed(ours)]

    async def running(self, asset_id: str, *, like: CaptionRequest | None = None) -> list[Report]:
        """Return the jobs on that asset that were pending or processing a moment ago, newest first.

        `like` keeps those whose parameters are the same work, which is what a 409 is about. A job may have
        finished between the list and its opening; its report then says so.
        """
        # Pending is listed first: a job that moves on in between is then in both lists, not in neither.
        listed = [*await self._list(asset_id, "pending"), *await self._list(asset_id, "processing")]
        unique = {job.mux_id: job for job in listed}.values()
        ordered = sorted(unique, key=lambda job: job.created_at, reverse=True)
        opened = [await self._open_if_there(job.mux_id) for job in ordered]
        return [
            _report(job)
            for job in opened
            if job is not None and (like is None or same_work(mapping(job.get("parameters")), like))
        ]

    async def cancel(self, mux_id: str) -> Report:
        """Stop a job and return it, without its passthrough; `MuxRefused` with 409 if it is over already."""
        return _report(_data(await self._ask("POST", f"{self._jobs}/{quote(mux_id, safe='')}/cancel")))

    # https://www.mux.com/docs/api-reference/video/assets
    async def asset(self, asset_id: str) -> Video:
        """Return an asset as it is now; `MuxRefused` with status 404 when this environment has none such."""
        return _read(read_video, _data(await self._ask("GET", f"{_VIDEO}/assets/{quote(asset_id, safe='')}")))

    async def playback(self, playback_id: str) -> PlaybackTarget:
        """Return what plays at a playback id; `MuxRefused` with status 404 when nothing does."""
        path = f"{_VIDEO}/playback-ids/{quote(playback_id, safe='')}"
        return _read(read_target, _data(await self._ask("GET", path)))

    async def assets(self, cursor: str | None = None, limit: int = _PAGE) -> Page:
        """Return up to `limit` (at most 100) assets, newest first, from `cursor` on."""
        query = {"limit": str(limit)} if cursor is None else {"limit": str(limit), "cursor": cursor}
        answer = await self._ask("GET", f"{_VIDEO}/assets", query=query)
        if not isinstance(answer.get("data"), list):
            raise OutcomeUnknown("Mux answered with a list of assets that has no data")
        return read_page(answer)

    # https://www.mux.com/docs/api-reference/video/direct-uploads
    async def create_upload(self, title: str, passthrough: str) -> MuxUpload:
        """Ask for a place for one file's bytes. Repeatable: a place that is never used costs nothing."""
        answer = await self._ask("POST", f"{_VIDEO}/uploads", body=upload_body(title, passthrough))
        made = _read(read_upload, _data(answer))
        if not is_safe(made.url):
            raise OutcomeUnknown("Mux gave no address that bytes may be sent to")
        return made

    async def upload_status(self, upload_id: str) -> MuxUpload:
        """Return an upload as it is now; `MuxRefused` with status 404 when this environment has none such."""
        path = f"{_VIDEO}/uploads/{quote(upload_id, safe='')}"
        return _read(read_upload, _data(await self._ask("GET", path)))

    async def upload(self, url: str, pieces: AsyncIterator[bytes], *, length: int, media_type: str) -> None:
        """Send a file's bytes to the address that `create_upload` gave, as they come; as long as it takes.

        Repeatable until there is an asset: the storage ignores what it has already. What `pieces` raises
        comes out as it is, and then Mux has no whole file.
        """
        if not is_safe(url):
            raise OutcomeUnknown("that is no address that bytes may be sent to")
        response, content = await answered(
            send(self._http, url, pieces, length=length, media_type=media_type)
        )
        if not response.is_success:
            raise read_error(response.status_code, content, response.headers, now=self._now())

    async def whoami(self) -> Account:
        """Return whose token this is; works with every token, whatever its scopes."""
        return read_account(_data(await self._ask("GET", "/system/v1/whoami")))

    async def _open(self, mux_id: str) -> Mapping[str, Any]:
        return _data(await self._ask("GET", f"{self._jobs}/{WORKFLOW}/{quote(mux_id, safe='')}"))

    async def _open_if_there(self, mux_id: str) -> Mapping[str, Any] | None:
        try:
            return await self._open(mux_id)
        except MuxRefused as error:
            # It expired after it was listed, or belongs to a workflow that the list should not have shown.
            if error.status == _NOT_FOUND:
                return None
            raise

    async def _list(self, asset_id: str, status: str | None = None) -> list[_Listed]:
        query = {"workflow": WORKFLOW, "asset_id": asset_id, "limit": str(_PAGE)}
        if status is not None:
            query["status"] = status
        found: dict[str, _Listed] = {}
        seen = 0
        for page in range(1, _MAX_PAGES + 1):
            answer = await self._ask("GET", self._jobs, query={**query, "page": str(page)})
            if not isinstance(answer.get("data"), list):
                raise OutcomeUnknown("Mux answered with a list of jobs that has no data")
            jobs = mappings(answer["data"])
            found.update((job.mux_id, job) for job in map(_listed, jobs) if job is not None)
            seen += len(jobs)
            if _was_last(answer, rows=len(jobs), seen=seen):
                return list(found.values())
        # The order of the list is not documented, so the newest job may be among what was not read.
        raise OutcomeUnknown(f"Mux lists more than {_PAGE * _MAX_PAGES} jobs on that asset")

    async def _ask(
        self, method: str, path: str, *, body: Any = None, query: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(self._total_seconds):
                response, content = await answered(self._exchange(method, path, body, query))
        except TimeoutError as error:
            raise OutcomeUnknown(f"Mux took longer than {self._total_seconds:g} s") from error
        if not response.is_success:
            raise read_error(response.status_code, content, response.headers, now=self._now())
        try:
            return parse(content)
        except Malformed as error:
            raise OutcomeUnknown(f"Mux answered {response.status_code} with {error.reason}") from error

    async def _exchange(
        self, method: str, path: str, body: Any, query: Mapping[str, str] | None
    ) -> tuple[httpx.Response, bytes]:
        content = bytearray()
        async with self._http.stream(method, path, json=body, params=query) as response:
            async for chunk in response.aiter_bytes():
                content += chunk
                # One byte too many is kept, so that the reader refuses the answer for its size.
                if len(content) > MAX_BYTES:
                    break
        return response, bytes(content)


def _was_last(answer: Mapping[str, Any], *, rows: int, seen: int) -> bool:
    total = answer.get("total_row_count")
    # A page may hold fewer rows than asked for without being the last, so the total decides if there is one.
    return rows == 0 or (seen >= total if isinstance(total, int) else rows < _PAGE)


def _listed(job: Mapping[str, Any]) -> _Listed | None:
    mux_id = identifier(job.get("id"))
    if mux_id is None or job.get("workflow", WORKFLOW) != WORKFLOW:
        return None
    # Without a time it counts as the newest, so that it is looked at.
    return _Listed(mux_id=mux_id, created_at=moment(job.get("created_at")) or math.inf)


def _data(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    data = answer.get("data")
    if not isinstance(data, dict):
        raise OutcomeUnknown("Mux answered without data")
    return data


def _report(job: Mapping[str, Any]) -> Report:
    return _read(read_job, job)


def _read(reader: Callable[[Mapping[str, Any]], T], data: Mapping[str, Any]) -> T:
    try:
        return reader(data)
    except Malformed as error:
        raise OutcomeUnknown(f"Mux's answer cannot be read: {error.reason}") from error
