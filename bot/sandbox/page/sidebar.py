"""The left side: who you are, where you can go, and the videos that lie at Mux."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from bot.sandbox.config import Person
from bot.sandbox.page.html import Html, glyph, tag
from bot.sandbox.page.look import APP_NAME, Look
from bot.sandbox.page.messages import avatar
from bot.sandbox.page.step import CALLBACK
from bot.sandbox.page.videos import Video
from bot.sandbox.slack.model import Channel

_FEWEST_DOORS = 2


def address(viewer: str, place: str, thread: str = "") -> str:
    """Return the page's address for a person and a place."""
    query = {"as": viewer, "in": place} | ({"thread": thread} if thread else {})
    return f"/?{urlencode(query)}"


def sidebar(look: Look, place: str, videos: Sequence[Video]) -> Html:
    """Return the whole sidebar; `place` is the open channel's id or `home`."""
    direct = look.direct()
    return tag(
        "div",
        _workspaces(look),
        _people(look, place),
        _heading("Channels"),
        tag("ul", *(_channel(channel, look, place) for channel in look.channels())),
        _heading("Apps"),
        tag(
            "ul",
            _channel(direct, look, place) if direct else None,
            _entry(look, "home", f"{APP_NAME} home", sign="⌂", place=place) if look.has_home else None,
        ),
        _run_step(),
        _heading("Videos at Mux"),
        tag("ul", *(_video(video) for video in videos), class_="videos"),
        class_="sidebar-inner",
    )


def _run_step() -> Html:
    return tag(
        "button",
        "Run workflow step…",
        type="button",
        class_="button plain step",
        data_shortcut=CALLBACK,
        title="Run the app's step as a workflow of yours would",
    )


def _heading(text: str) -> Html:
    return tag("h2", text)


def _workspaces(look: Look) -> Html | None:
    doors = look.doors()
    here = look.workspace.config.team_id
    if len(doors) < _FEWEST_DOORS:
        return None
    links = [
        tag(
            "a",
            tag("span", door.name),
            href=address(door.person, ""),
            data_as=door.person,
            aria_current="true" if door.team == here else None,
            title=f"Go to {door.name}",
        )
        for door in doors
    ]
    missing = any(door.team == here and not door.installed for door in doors)
    return tag(
        "div",
        tag("div", tag("span", "Workspace"), *links, class_="people", role="group", aria_label="Workspace"),
        tag("p", f"{APP_NAME} is not installed here.", class_="hint") if missing else None,
        class_="workspaces",
    )


def _people(look: Look, place: str) -> Html:
    links = []
    for person in look.workspace.people.values():
        current = person.id == look.viewer
        links.append(
            tag(
                "a",
                avatar(person.real_name),
                tag("span", person.real_name.split()[0]),
                _standing(person),
                href=address(person.id, place),
                data_as=person.id,
                aria_current="true" if current else None,
                title=f"Be {person.real_name}",
            )
        )
    return tag("div", tag("span", "You are"), *links, class_="people", role="group", aria_label="You are")


def _standing(person: Person) -> Html | None:
    if person.company is not None:
        return tag("small", person.company.name)
    words = "admin" if person.is_admin else "guest" if person.is_restricted else ""
    return tag("small", words) if words else None


def _channel(channel: Channel, look: Look, place: str) -> Html:
    sign = {"public": "#", "private": glyph("lock"), "im": "●"}[channel.kind]
    name = look.title(channel) + (" (archived)" if channel.archived else "")
    latest = max((message.ts for message in look.workspace.seen_by(channel.id, look.viewer)), default="")
    return _entry(look, channel.id, name, sign=sign, place=place, latest=latest)


def _entry(look: Look, target: str, name: str, *, sign: str | Html, place: str, latest: str = "") -> Html:
    inside = tag(
        "a",
        tag("span", sign, class_="sign", aria_hidden="true"),
        tag("span", name, class_="name"),
        href=address(look.viewer, target),
        data_place=target,
        data_latest=latest or None,
        aria_current="page" if target == place else None,
    )
    return tag("li", inside)


def _video(video: Video) -> Html:
    return tag(
        "li",
        tag(
            "button",
            tag("strong", video.title),
            tag("small", video.about),
            type="button",
            class_="video",
            data_insert=f"/caption {video.asset_id}",
            title=f"Put /caption {video.asset_id} into the message field",
        ),
        tag(
            "span",
            tag("code", video.asset_id, title=video.asset_id),
            tag(
                "button",
                "Copy",
                type="button",
                class_="copy",
                data_copy=video.asset_id,
                aria_label=f"Copy the asset id of {video.title}",
            ),
            _watch(video),
            class_="asset",
        ),
    )


def _watch(video: Video) -> Html | None:
    if not video.watch:
        return None
    return tag(
        "a",
        "Watch",
        href=video.watch,
        target="_blank",
        rel="noopener",
        class_="copy",
        aria_label=f"Watch {video.title}",
    )


def add_video(missing: str) -> Html:
    """Return the form for a video of one's own; it is not redrawn, so that its note stays.

    `missing` is what has to be installed first, or empty.
    """
    return tag(
        "div",
        tag("input", type="file", id="add-video", accept="video/*,audio/*", class_="out-of-sight"),
        tag("label", "Add a video…", class_="button plain", for_="add-video"),
        tag("p", missing, class_="hint", id="add-video-note", role="status"),
        class_="add-video",
    )
