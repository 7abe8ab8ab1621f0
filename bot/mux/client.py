"""What the bot asks of Mux's API, each call one request or a bounded number of reads."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final
from urllib.parse import quote

import httpx

from bot.errors import OutcomeUnknown
from bot.metrics import Heard
from bot.mux.answers import Account, read_account, read_error, read_job
from bot.mux.asking import Asker, connect, read_as
from bot.mux.creating import WORKFLOW, create_body, same_work
from bot.mux.editing import EDIT_WORKFLOW, edit_body, read_edit, same_edit
from bot.mux.exchange import answered, send
from bot.mux.finding import Workflow
from bot.mux.hooks import Endpoint, read_endpoint
from bot.mux.reading import identifier, mappings
from bot.mux.tracks import track_body
from bot.mux.uploads import MuxUpload, is_safe, read_upload, upload_body
from bot.mux.videos import Page, PlaybackTarget, read_page, read_target, read_track, read_video
from bot.rules.edits import CaptionEdit, EditReport
from bot.rules.jobs import Report
from bot.rules.request import CaptionRequest
from bot.rules.video import TextTrack, Video

__all__ = ["MuxClient", "connect"]

_VIDEO: Final = "/video/v1"
_WEBHOOKS: Final = "/system/v1/webhooks"
_PAGE: Final = 100


class MuxClient:
    """One environment at Mux.

    Every method may raise `NotReached` or `Throttled` (certainly not done), `OutcomeUnknown` (a create or
    cancel may have been done; a read learnt nothing) and `MuxRefused` (a definite no). A request takes at
    most `total_seconds` altogether, reading the answer included. `heard` is told how each request went.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        version: str = "v0",
        total_seconds: float = 10.0,
        now: Callable[[], float] = time.time,
        heard: Heard = lambda _status, _seconds: None,
    ) -> None:
        self._asker = Asker(http, total_seconds=total_seconds, now=now, heard=heard)
        self._jobs = f"/robots/{version}/jobs"
        self._captions = Workflow(self._asker, self._jobs, WORKFLOW, read_job)
        self._edits = Workflow(self._asker, self._jobs, EDIT_WORKFLOW, read_edit)

    async def create(self, request: CaptionRequest, passthrough: str) -> Report:
        """Start a job, which costs money, stamped with `passthrough` so that it can be found again.

        Not repeatable: after `OutcomeUnknown` use `find` first. A 409 (`MuxRefused`) means that the same
        work is under way: see `running`.
        """
        return await self._captions.create(create_body(request, passthrough))

    async def get(self, mux_id: str) -> Report:
        """Return the job as it is now; `MuxRefused` with status 404 after its 30 days."""
        return await self._captions.get(mux_id)

    async def find(
        self, asset_id: str, passthrough: str, *, newest: int = 20, since: float | None = None
    ) -> Report | None:
        """Return the job on that asset with that `passthrough`, the oldest of several; see `copies`."""
        found = await self.copies(asset_id, passthrough, newest=newest, since=since)
        return found[0] if found else None

    async def copies(
        self, asset_id: str, passthrough: str, *, newest: int = 20, since: float | None = None
    ) -> list[Report]:
        """Return every job on that asset with that `passthrough`, oldest first; see `Workflow.copies`."""
        return await self._captions.copies(asset_id, passthrough, newest=newest, since=since)

    async def running(self, asset_id: str, *, like: CaptionRequest | None = None) -> list[Report]:
        """Return the jobs on that asset that are under way, newest first; `like` keeps the same work."""
        alike = None if like is None else partial(same_work, request=like)
        return await self._captions.running(asset_id, like=alike)

    async def look(self) -> None:
        """Ask for the newest job and keep nothing of it: `MuxRefused` says why Robots may not be used.

        Costs nothing, whatever the answer.
        """
        await self._asker.ask("GET", self._jobs, query={"limit": "1"})

    async def cancel(self, mux_id: str) -> Report:
        """Stop a job of any workflow and return it, without its passthrough.

        `MuxRefused` with status 409 if it is over already.
        """
        stopped = await self._asker.data("POST", f"{self._jobs}/{quote(mux_id, safe='')}/cancel")
        return read_as(read_job, stopped)

    # https://www.mux.com/docs/guides/robots-edit-captions
    async def edit_captions(self, edit: CaptionEdit, passthrough: str) -> EditReport:
        """Start a job that corrects a ready text track; the track's id will change. It costs money.

        Not repeatable: after `OutcomeUnknown` use `edit_copies` first. A 409 (`MuxRefused`) means that the
        same edit is under way: see `edits_running`. A track that is not ready is a 422.
        """
        return await self._edits.create(edit_body(edit, passthrough))

    async def edit(self, mux_id: str) -> EditReport:
        """Return the edit as it is now; `MuxRefused` with status 404 after its 30 days."""
        return await self._edits.get(mux_id)

    async def edit_copies(
        self, asset_id: str, passthrough: str, *, newest: int = 20, since: float | None = None
    ) -> list[EditReport]:
        """Return every edit on that asset with that `passthrough`, oldest first; see `Workflow.copies`."""
        return await self._edits.copies(asset_id, passthrough, newest=newest, since=since)

    async def edits_running(self, asset_id: str, *, like: CaptionEdit | None = None) -> list[EditReport]:
        """Return the edits on that asset that are under way, newest first; `like` keeps the same work."""
        alike = None if like is None else partial(same_edit, edit=like)
        return await self._edits.running(asset_id, like=alike)

    # https://www.mux.com/docs/api-reference/video/assets
    async def asset(self, asset_id: str) -> Video:
        """Return an asset as it is now; `MuxRefused` with status 404 when this environment has none such."""
        return read_as(read_video, await self._asker.data("GET", _asset(asset_id)))

    async def playback(self, playback_id: str) -> PlaybackTarget:
        """Return what plays at a playback id; `MuxRefused` with status 404 when nothing does."""
        path = f"{_VIDEO}/playback-ids/{quote(playback_id, safe='')}"
        return read_as(read_target, await self._asker.data("GET", path))

    async def assets(self, cursor: str | None = None, limit: int = _PAGE) -> Page:
        """Return up to `limit` (at most 100) assets, newest first, from `cursor` on."""
        query = {"limit": str(limit)} if cursor is None else {"limit": str(limit), "cursor": cursor}
        answer = await self._asker.ask("GET", f"{_VIDEO}/assets", query=query)
        if not isinstance(answer.get("data"), list):
            raise OutcomeUnknown("Mux answered with a list of assets that has no data")
        return read_page(answer)

    async def track(self, asset_id: str, track_id: str) -> TextTrack | None:
        """Return a text track as it is now, None when the asset has none such (any more)."""
        video = await self.asset(asset_id)
        return next((track for track in video.tracks if track.id == track_id), None)

    async def create_track(
        self,
        asset_id: str,
        *,
        url: str,
        language_code: str,
        name: str,
        passthrough: str,
        closed_captions: bool = False,
    ) -> TextTrack:
        """Add captions that Mux will fetch from `url`; the track is `preparing` until it has done so.

        Names are unique among an asset's text tracks, so a repeat makes no second track but gets a 400:
        after `OutcomeUnknown` look for `passthrough` among `asset(...).tracks`.
        """
        body = track_body(
            url=url,
            language_code=language_code,
            name=name,
            passthrough=passthrough,
            closed_captions=closed_captions,
        )
        made = read_track(await self._asker.data("POST", f"{_asset(asset_id)}/tracks", body=body))
        if not made.id:
            raise OutcomeUnknown("Mux answered with a track that has no id")
        return made

    async def delete_track(self, asset_id: str, track_id: str) -> None:
        """Remove a text track; repeatable, since one that is gone is a `MuxRefused` with status 404."""
        await self._asker.tell("DELETE", f"{_asset(asset_id)}/tracks/{quote(track_id, safe='')}")

    # https://www.mux.com/docs/api-reference/video/direct-uploads
    async def create_upload(self, title: str, passthrough: str) -> MuxUpload:
        """Ask for a place for one file's bytes. Repeatable: a place that is never used costs nothing."""
        made = read_as(
            read_upload,
            await self._asker.data("POST", f"{_VIDEO}/uploads", body=upload_body(title, passthrough)),
        )
        if not is_safe(made.url):
            raise OutcomeUnknown("Mux gave no address that bytes may be sent to")
        return made

    async def upload_status(self, upload_id: str) -> MuxUpload:
        """Return an upload as it is now; `MuxRefused` with status 404 when this environment has none such."""
        return read_as(
            read_upload, await self._asker.data("GET", f"{_VIDEO}/uploads/{quote(upload_id, safe='')}")
        )

    async def upload(self, url: str, pieces: AsyncIterator[bytes], *, length: int, media_type: str) -> None:
        """Send a file's bytes to the address that `create_upload` gave, as they come; as long as it takes.

        Repeatable until there is an asset: the storage ignores what it has already. What `pieces` raises
        comes out as it is, and then Mux has no whole file.
        """
        if not is_safe(url):
            raise OutcomeUnknown("that is no address that bytes may be sent to")
        sending = send(self._asker.http, url, pieces, length=length, media_type=media_type)
        response, content = await answered(sending)
        if not response.is_success:
            raise read_error(response.status_code, content, response.headers, now=self._asker.now())

    async def whoami(self) -> Account:
        """Return whose token this is and what it may do; works with every token, whatever its scopes."""
        return read_account(await self._asker.data("GET", "/system/v1/whoami"))

    # https://www.mux.com/docs/api-reference/system/webhooks
    async def webhooks(self) -> list[Endpoint]:
        """Return the newest hundred endpoints that the environment's events are sent to, without secrets."""
        answer = await self._asker.ask("GET", _WEBHOOKS, query={"limit": str(_PAGE)})
        rows = [row for row in mappings(answer.get("data")) if identifier(row.get("id"))]
        return list(map(read_endpoint, rows))

    async def create_webhook(self, address: str) -> Endpoint:
        """Add an endpoint and return it with its signing secret, which Mux never shows again.

        An address is unique in its environment, so a repeat is a `MuxRefused` with status 400; the secret
        of a create whose answer was lost is lost too: delete that endpoint and create it again.
        """
        return read_as(read_endpoint, await self._asker.data("POST", _WEBHOOKS, body={"address": address}))

    async def delete_webhook(self, endpoint_id: str) -> None:
        """Remove an endpoint; one that is gone is a `MuxRefused` with status 404."""
        await self._asker.tell("DELETE", f"{_WEBHOOKS}/{quote(endpoint_id, safe='')}")


def _asset(asset_id: str) -> str:
    return f"{_VIDEO}/assets/{quote(asset_id, safe='')}"
