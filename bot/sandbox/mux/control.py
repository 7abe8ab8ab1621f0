"""`/_sandbox/mux`: what a person or a test does to the local Mux behind its back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.media import Clip
from bot.sandbox.mux import intake
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.doors import read_json
from bot.sandbox.mux.model import Asset, Failure, new_id
from bot.sandbox.mux.standin import Mux
from bot.sandbox.mux.webhooks import Event
from bot.sandbox.transcribe import LONGEST_SECONDS

_POLICIES: Final = frozenset({"public", "signed", "drm", ""})


def routes(mux: Mux) -> list[Route]:
    """Return the control routes; bodies and answers are JSON, errors have Mux's shape."""
    control = _Control(mux)
    base = "/_sandbox/mux"
    table = (
        ("GET", f"{base}/assets", control.assets),
        ("POST", f"{base}/assets", control.add_asset),
        ("POST", f"{base}/assets/{{asset_id}}", control.change_asset),
        ("POST", f"{base}/files", control.add_file),
        ("GET", f"{base}/jobs", control.jobs),
        ("GET", f"{base}/behaviour", control.behaviour),
        ("POST", f"{base}/behaviour", control.behave),
        ("GET", f"{base}/webhooks", control.events),
        ("POST", f"{base}/webhooks", control.emit),
        ("POST", f"{base}/webhooks/replay", control.replay),
        ("POST", f"{base}/tick", control.tick),
    )
    return [Route(path, _spoken(handle), methods=[method]) for method, path, handle in table]


def _spoken(handle: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await handle(request)
        except Refused as no:
            return no.response()

    return endpoint


class _Control:
    def __init__(self, mux: Mux) -> None:
        self._mux = mux

    async def assets(self, request: Request) -> Response:
        del request
        self._mux.agenda.run_due()
        return JSONResponse({"assets": [_shown(asset) for asset in self._mux.library.assets.values()]})

    async def add_asset(self, request: Request) -> Response:
        wanted = await _json(request)
        asset_id, policy = str(wanted.get("id", "")), wanted.get("policy", "public")
        if policy not in _POLICIES:
            raise Refused("invalid_parameters", "policy must be public, signed, drm or empty")
        if asset_id in self._mux.library.assets:
            raise Refused("conflict", f"There is an asset {asset_id} already")
        like = self._mux.library.get(wanted["like"]).clip if "like" in wanted else None
        asset = self._mux.library.add(
            title=str(wanted.get("title", "Untitled")),
            at=self._mux.clock.now(),
            asset_id=asset_id,
            clip=like,
            policy=policy,
            status=str(wanted.get("status", "ready")),
        )
        return JSONResponse(_shown(asset), 201)

    async def change_asset(self, request: Request) -> Response:
        asset = self._mux.library.get(request.path_params["asset_id"])
        wanted = await _json(request)
        asset.status = str(wanted.get("status", asset.status))
        asset.is_live = bool(wanted.get("is_live", asset.is_live))
        asset.detection_confidence = _number(wanted, "detection_confidence", asset.detection_confidence)
        if "failures" in wanted:
            asset.failures = [_failure(failure) for failure in wanted["failures"]]
        if "track_failures" in wanted:
            asset.track_failures = [str(reason) for reason in wanted["track_failures"]]
        return JSONResponse(_shown(asset))

    async def add_file(self, request: Request) -> Response:
        media_type = intake.media_type(request)
        if media_type not in intake.SUFFIXES:
            raise Refused("invalid_parameters", f"{media_type or 'this'} is no video or sound", status=415)
        duration_seconds = _duration(request.query_params.get("duration_seconds", ""))
        name = new_id(length=16)
        path = self._mux.upload_folder() / f"{name}{intake.SUFFIXES[media_type]}"
        await intake.save(request, path)
        clip = Clip(
            name=name,
            title=request.query_params.get("title") or "Untitled",
            video=path,
            media_type=media_type,
            duration_seconds=duration_seconds,
        )
        now = self._mux.clock.now()
        upload = {"type": "upload", "id": new_id()}
        self._mux.webhooks.emit("video.upload.asset_created", upload, {"id": upload["id"]}, now)
        return JSONResponse(_shown(self._mux.library.add(title=clip.title, at=now, clip=clip)), 201)

    async def jobs(self, request: Request) -> Response:
        del request
        self._mux.agenda.run_due()
        url = self._mux.config.public_url
        return JSONResponse({"jobs": [job.to_json(url) for job in self._mux.robots.jobs.values()]})

    async def behaviour(self, request: Request) -> Response:
        del request
        robots = self._mux.robots
        shown = {
            "terms_accepted": robots.terms_accepted,
            "units_left": robots.units_left,
            "job_seconds": robots.job_seconds,
            "list_lag_seconds": robots.list_lag_seconds,
            "track_seconds": self._mux.library.track_seconds,
            "event_family": self._mux.webhooks.family,
        }
        return JSONResponse(shown)

    async def behave(self, request: Request) -> Response:
        wanted, robots = await _json(request), self._mux.robots
        if wanted.get("event_family") not in {None, "v0", "v1"}:
            raise Refused("invalid_parameters", "event_family must be v0, v1 or null")
        robots.terms_accepted = bool(wanted.get("terms_accepted", robots.terms_accepted))
        robots.units_left = wanted.get("units_left", robots.units_left)
        robots.job_seconds = _number(wanted, "job_seconds", robots.job_seconds)
        robots.list_lag_seconds = _number(wanted, "list_lag_seconds", robots.list_lag_seconds)
        self._mux.library.track_seconds = _number(wanted, "track_seconds", self._mux.library.track_seconds)
        self._mux.webhooks.family = wanted.get("event_family", self._mux.webhooks.family)
        return await self.behaviour(request)

    async def events(self, request: Request) -> Response:
        del request
        return JSONResponse({"events": [_told(event) for event in self._mux.webhooks.events]})

    async def emit(self, request: Request) -> Response:
        wanted = await _json(request)
        if not isinstance(wanted.get("type"), str):
            raise Refused("invalid_parameters", "type is required")
        object_ = wanted.get("object", {"type": "unknown", "id": new_id()})
        data = wanted.get("data", {})
        event = self._mux.webhooks.emit(wanted["type"], object_, data, self._mux.clock.now())
        return JSONResponse(_told(event), 201)

    async def replay(self, request: Request) -> Response:
        wanted = await _json(request)
        chosen = [
            event
            for event in self._mux.webhooks.events
            if wanted.get("id", event.id) == event.id and wanted.get("type", event.type) == event.type
        ]
        for event in chosen:
            self._mux.webhooks.schedule(event, self._mux.clock.now(), again=True)
        return JSONResponse({"replayed": [event.id for event in chosen]})

    async def tick(self, request: Request) -> Response:
        del request
        await self._mux.tick()
        return JSONResponse({"now": self._mux.clock.now()})


async def _json(request: Request) -> dict[str, Any]:
    value = read_json(await request.body() or b"{}")
    if not isinstance(value, dict):
        raise Refused("invalid_parameters", "The request body must be an object")
    return value


def _number(wanted: dict[str, Any], name: str, default: float) -> float:
    value = wanted.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Refused("invalid_parameters", f"{name} must be a number that is not negative")
    return float(value)


def _failure(value: Any) -> Failure:
    wanted = value if isinstance(value, dict) else {}
    type_, message = wanted.get("type"), wanted.get("message")
    if not (isinstance(type_, str) and isinstance(message, str)):
        raise Refused("invalid_parameters", "a failure needs a type and a message")
    return Failure(type=type_, message=message, retryable=wanted.get("retryable"))


def _duration(given: str) -> float | None:
    """Return how long the browser says the file plays; the recogniser checks again."""
    if not given:
        return None
    try:
        seconds = float(given)
    except ValueError as error:
        raise Refused("invalid_parameters", "duration_seconds must be a number") from error
    if not 0 < seconds <= LONGEST_SECONDS:
        raise Refused("invalid_parameters", f"The sandbox takes at most {LONGEST_SECONDS:.0f} seconds")
    return seconds


def _shown(asset: Asset) -> dict[str, Any]:
    return asset.to_json() | {
        "title": asset.title,
        "failures": [failure.to_json() for failure in asset.failures],
        "own_captions": asset.clip is not None and asset.clip.prepared is not None,
    }


def _told(event: Event) -> dict[str, Any]:
    return {"id": event.id, "type": event.type, "data": event.data, "attempts": event.attempts}
