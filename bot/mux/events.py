"""Turns the body of a Mux webhook, of which there are several shapes, into one value. Performs no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from bot.mux.answers import STATUSES, read_job
from bot.mux.creating import WORKFLOW
from bot.mux.editing import EDIT_WORKFLOW, read_edit
from bot.mux.reading import Malformed, identifier, mapping, parse, text
from bot.mux.videos import read_track
from bot.rules.edits import EditReport
from bot.rules.jobs import Report
from bot.rules.video import TrackNews

TRACK_READY: Final = "video.asset.track.ready"
TRACK_ERRORED: Final = "video.asset.track.errored"

# v0 says robots.job.<workflow>.<status>, v1 robots.v1.job.<workflow>.<status>; both arrive side by side.
_JOB_TYPE: Final = re.compile(r"robots\.(?:v[0-9]+\.)?job\.(?P<workflow>[a-z0-9_]+)\.(?P<status>[a-z0-9_]+)")
_TRACK_TYPE: Final = re.compile(r"video\.asset\.track\.(?P<what>[a-z0-9_]+)")
_OURS: Final = frozenset({WORKFLOW, EDIT_WORKFLOW})
_WORKFLOW_NAME: Final = re.compile(r"[a-z0-9-]{1,100}")

_LATELY: Final = 512
"""How many events are remembered: a burst, of about 2 kB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One webhook, read.

    `id` is what repeats of the event share. `workflow` is the Robots workflow with hyphens, empty for
    other events. At most one of the last three is set: a `report` concerns a caption job, an `edit` one
    that corrects captions, `track` a text track on an asset. Without any of them it concerns none of these.
    """

    id: str
    type: str
    environment_id: str = ""
    workflow: str = ""
    report: Report | None = None
    edit: EditReport | None = None
    track: TrackNews | None = None


@lru_cache(maxsize=_LATELY)
def read_event(raw: bytes) -> Event:
    """Return the event in `raw`, the body of a webhook whose signature was checked.

    Understands the envelope with the job in `data` or under a key named like the event, and the bare
    `{"data": {...}}` of Mux's guide, which has neither type nor id: the type is then derived from the
    job's workflow and status, and the id from the job's id and status, so that repeats still collapse.

    The same bytes are parsed once: a door reads them, and soon after it whoever applies the event.

    Raises:
        Malformed: The body is no such thing; `reason` says why.
    """
    event = parse(raw)
    kind = _kind(event)
    if kind is None:
        return _bare(event)
    match = _JOB_TYPE.fullmatch(kind)
    workflow = match["workflow"].replace("_", "-") if match else ""
    if match is not None and workflow in _OURS and match["status"] in STATUSES:
        return _of_job(event, kind, workflow, _job(event, kind, workflow), match["status"])
    return Event(
        id=_event_id(event, None),
        type=kind,
        environment_id=_environment(event),
        workflow=workflow,
        track=_track(event, kind),
    )


def _of_job(
    event: Mapping[str, Any], kind: str, workflow: str, job: Mapping[str, Any], status: str | None
) -> Event:
    report = read_job(job, status=status)
    return Event(
        id=_event_id(event, report),
        type=kind or f"robots.job.{workflow.replace('-', '_')}.{report.signal}",
        environment_id=_environment(event),
        workflow=workflow,
        report=report if workflow == WORKFLOW else None,
        edit=read_edit(job, status=status) if workflow == EDIT_WORKFLOW else None,
    )


def _kind(event: Mapping[str, Any]) -> str | None:
    if event.get("type") is None:
        return None
    kind = identifier(event["type"])
    if kind is None:
        raise Malformed("bad_type")
    return kind


def _bare(event: Mapping[str, Any]) -> Event:
    data = event.get("data")
    if not isinstance(data, dict):
        raise Malformed("no_type")
    workflow = data.get("workflow")
    if not isinstance(workflow, str) or not _WORKFLOW_NAME.fullmatch(workflow):
        raise Malformed("no_type" if workflow is None else "bad_workflow")
    return _of_job(event, "", workflow, data, None)


def _track(event: Mapping[str, Any], kind: str) -> TrackNews | None:
    """Return the news of a text track; other tracks, and what cannot be read, are nobody's."""
    match = _TRACK_TYPE.fullmatch(kind)
    data = mapping(event.get("data"))
    asset_id = identifier(data.get("asset_id"))
    if match is None or asset_id is None or data.get("type", "text") != "text":
        return None
    track = read_track(data)
    return TrackNews(what=match["what"], asset_id=asset_id, track=track) if track.id else None


def _event_id(event: Mapping[str, Any], report: Report | None) -> str:
    if event.get("id") is not None:
        event_id = identifier(event["id"])
        if event_id is None:
            raise Malformed("bad_event_id")
        return event_id
    if report is None:
        raise Malformed("no_event_id")
    return f"derived:{report.mux_id}:{report.signal}"


def _environment(event: Mapping[str, Any]) -> str:
    return text(mapping(event.get("environment")).get("id"), limit=255)


# Mux's guide and its own samples read the job from `data`; the comments in its SDK put it under a key
# named like the event. Whichever is right, or becomes right, is found.
def _job(event: Mapping[str, Any], kind: str, workflow: str) -> Mapping[str, Any]:
    data = event.get("data")
    if data is not None and not isinstance(data, dict):
        raise Malformed("bad_data")
    job = next((found for found in _places(event, mapping(data), kind) if found), None)
    if job is None:
        raise Malformed("no_data" if data is None else "no_job")
    if job.get("workflow", workflow) != workflow:
        raise Malformed("wrong_workflow")
    return job


def _places(event: Mapping[str, Any], data: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    if "workflow" in data or "parameters" in data:
        yield data
    yield mapping(data.get(kind))
    yield mapping(event.get(kind))
    for value in (*data.values(), *event.values()):
        inside = mapping(value)
        if "id" in inside and "workflow" in inside:
            yield inside
    if "id" in data and "status" in data:
        yield data
