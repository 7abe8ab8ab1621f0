"""The page in the browser over HTTP: the page itself, its stream, its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.sandbox import transcribe
from bot.sandbox.mux.estate import Estate
from bot.sandbox.page import acts, player
from bot.sandbox.page.attachments import download_headers
from bot.sandbox.page.authorize import Authorize
from bot.sandbox.page.live import Live
from bot.sandbox.page.look import Door, Look
from bot.sandbox.page.offers import Offers
from bot.sandbox.page.shell import document
from bot.sandbox.page.snapshot import Snapshot, take
from bot.sandbox.page.videos import Video, videos_at, what_adding_needs
from bot.sandbox.slack.stand_in import Slack, Workplace

# blob: is for measuring how long a chosen file plays, before it is sent.
SECURITY = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'; object-src 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
)
STATIC = Path(__file__).parent / "static"


def page_of(slack: Slack, estate: Estate) -> Page:
    """Return the page of a local Slack and of every environment of a local Mux."""
    return Page(
        slack,
        lambda: [video for mux in estate.all for video in videos_at(mux)],
        missing=what_adding_needs(slack.config, recogniser=transcribe.available()),
        offers=Offers(home=slack.config.home_tab),
        films=estate.routes(player.routes),
    )


class Page:
    """What the browser asks for; `videos` lists what lies at Mux, `missing` says what to install.

    `offers` is what the app's manifest puts into Slack's menus; without it, the command alone. `films` are
    the routes under which films are watched.
    """

    def __init__(
        self,
        slack: Slack,
        videos: Callable[[], Sequence[Video]],
        *,
        missing: str = "",
        offers: Offers | None = None,
        films: Sequence[BaseRoute] = (),
    ) -> None:
        self._offers = offers or Offers()
        self._slack = slack
        self._videos = videos
        self._missing = missing
        self._films = films
        self._lives = {one.config.team_id: Live(one.workspace) for one in slack.workplaces}
        self._authorize = Authorize(slack)

    def routes(self) -> list[BaseRoute]:
        """Return everything that a browser asks for, and what it posts when a person acts."""
        return [
            Route("/", self.page, methods=["GET"]),
            Route("/favicon.ico", _favicon, methods=["GET"]),
            Route("/_page/stream", self.stream, methods=["GET"]),
            Route("/files/{owner}/{file}/{name:path}", self.file, methods=["GET"]),
            Mount("/_page/static", _Static(directory=STATIC)),
            *self._films,
            *self._authorize.routes(),
            *acts.routes(self._slack),
        ]

    def close(self) -> None:
        """End the streams; to be called before the server waits for its connections."""
        for live in self._lives.values():
            live.close()

    async def page(self, request: Request) -> Response:
        """Answer with the whole page."""
        html = document(self._drawing(request)(), self._offers, missing=self._missing)
        return HTMLResponse(html, headers={**SECURITY, "Cache-Control": "no-store"})

    async def stream(self, request: Request) -> Response:
        """Answer with Server-Sent Events, beginning with everything."""
        last = request.headers.get("last-event-id", "")
        place, viewer = self._seat(request)
        events = self._lives[place.config.team_id].stream(
            viewer, self._drawing(request), heard=int(last) if last.isdecimal() else None
        )
        headers = {**SECURITY, "Cache-Control": "no-store"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    async def file(self, request: Request) -> Response:
        """Answer with an uploaded file, always as a download: what is in it is nobody's page."""
        name = request.path_params["file"]
        file = self._slack.workplace("", name).workspace.files.get(name)
        if file is None or not file.completed or file.deleted:
            return PlainTextResponse("There is no such file.", 404, headers=SECURITY)
        return Response(file.content, headers={**SECURITY, **download_headers(file)})

    def _seat(self, request: Request) -> tuple[Workplace, str]:
        """Return in which workspace somebody looks at the page, and who it is."""
        asked = request.query_params.get("as", "")
        place = self._slack.workplace("", asked)
        people = place.workspace.people
        return place, asked if asked in people else next(iter(people))

    def _drawing(self, request: Request) -> Callable[[], Snapshot]:
        seat, viewer = self._seat(request)
        look = Look(workspace=seat.workspace, viewer=viewer, offers=self._offers, doors=self._doors)
        place, thread = request.query_params.get("in", ""), request.query_params.get("thread", "")
        return lambda: take(look, place, thread, self._videos())

    def _doors(self) -> list[Door]:
        return [
            Door(
                team=one.config.team_id,
                name=one.config.team_name,
                person=next(iter(one.workspace.people), ""),
                installed=one.installed,
            )
            for one in self._slack.workplaces
        ]


class _Static(StaticFiles):
    """Serves the package's own files; browsers keep them and ask whether they changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update({**SECURITY, "Cache-Control": "no-cache"})
        return response


async def _favicon(_request: Request) -> Response:
    return RedirectResponse("/_page/static/favicon.svg", 301, headers=SECURITY)
