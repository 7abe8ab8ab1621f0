"""The page on which somebody lets the app into a workspace: what it asks for, where, and Allow or Cancel."""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.page.html import Html, join, tag
from bot.sandbox.page.look import APP_NAME
from bot.sandbox.slack import consent
from bot.sandbox.slack.consent import Ask
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.stand_in import Slack, Workplace

VISIT_SECONDS: Final = 600.0
_PROBLEMS: Final = {
    "invalid_client_id": "The client_id in the address is not this app's.",
    "bad_redirect_uri": "The redirect_uri did not match any configured URI.",
    "invalid_scope": "The address asks for scopes that do not exist.",
    "no_scopes": "The address asks for no bot scopes.",
    "user_scope_not_supported": "The sandbox hands out no user tokens, so user_scope has to be empty.",
    "team_not_found": "There is no such workspace.",
    "visit_over": "This page is too old, or was answered already. Begin again where you came from.",
}


class Authorize:
    """Answers `/oauth/v2/authorize`; each visit can be answered once, within ten minutes."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._visits: dict[str, tuple[Ask, float]] = {}

    def routes(self) -> list[BaseRoute]:
        """Return the page, and where its form is sent."""
        return [
            Route("/oauth/v2/authorize", self.show, methods=["GET"]),
            Route("/oauth/v2/authorize", self.answer, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show what the app asks for."""
        try:
            ask = consent.read_ask(self._slack.config, dict(request.query_params))
        except Refusal as refusal:
            return _problem(refusal)
        visit = self._begin(ask)
        return _page(
            "Allow access", _form(self._slack.workplaces, ask, visit), leads_to=_origin(ask, self._slack)
        )

    def _begin(self, ask: Ask) -> str:
        now = self._slack.clock.now()
        self._visits = {one: seen for one, seen in self._visits.items() if now - seen[1] <= VISIT_SECONDS}
        visit = secrets.token_urlsafe(18)
        self._visits[visit] = (ask, now)
        return visit

    async def answer(self, request: Request) -> Response:
        """Take the answer, and send the browser back to the app."""
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        ask, at = self._visits.pop(form.get("visit", ""), (None, 0.0))
        if ask is None or self._slack.clock.now() - at > VISIT_SECONDS:
            return _problem(Refusal("visit_over"))
        if form.get("answer") != "allow":
            return RedirectResponse(consent.deny(self._slack, ask), 303)
        place = form.get("place", "")
        people = [one for core in self._slack.app.workspaces_of(place) for one in core.workspace.people]
        try:
            return RedirectResponse(consent.allow(self._slack, ask, place, next(iter(people), "")), 303)
        except Refusal as refusal:
            return _problem(refusal)


def _form(workplaces: list[Workplace], ask: Ask, visit: str) -> Html:
    places = [(one.config.team_id, one.config.team_name, _about(one)) for one in workplaces]
    owners = {one.config.enterprise_id: one.config.enterprise_name for one in workplaces}
    places += [(id_, name, "the whole organization") for id_, name in owners.items() if id_]
    chosen = ask.team if ask.team in {id_ for id_, _, _ in places} else places[0][0]
    return tag(
        "form",
        tag("h1", f"{APP_NAME} is asking for permission to access a workspace"),
        tag(
            "fieldset",
            tag("legend", "Which one?"),
            *(_choice(*place, checked=place[0] == chosen) for place in places),
        ),
        tag("h2", f"What will {APP_NAME} be able to do?"),
        tag("ul", *(_scope(name) for name in ask.scopes)),
        tag("input", type="hidden", name="visit", value=visit),
        tag(
            "footer",
            tag("button", "Cancel", name="answer", value="deny", class_="button plain"),
            tag("button", "Allow", name="answer", value="allow", class_="button primary"),
        ),
        method="post",
        action="/oauth/v2/authorize",
    )


def _about(workplace: Workplace) -> str:
    config = workplace.config
    person = config.people[0].real_name if config.people else "nobody"
    state = "installed already" if workplace.installed else "not installed yet"
    return f"as {person}, {state}"


def _choice(place: str, name: str, about: str, *, checked: bool) -> Html:
    radio = tag("input", type="radio", name="place", value=place, checked=checked)
    return tag("label", radio, tag("strong", name), tag("small", about))


def _scope(name: str) -> Html:
    return tag("li", tag("span", consent.SCOPES[name]), tag("code", name))


def _problem(refusal: Refusal) -> Response:
    passed = refusal.extra.get("passed") or ", ".join(refusal.extra.get("unknown", ()))
    content = tag(
        "div",
        tag("h1", "This app cannot be installed like this"),
        tag("p", _PROBLEMS.get(refusal.code, refusal.code)),
        tag("p", "It said: ", tag("code", str(passed))) if passed else None,
        tag("p", tag("code", refusal.code), class_="hint"),
    )
    return _page("Not possible", content, status=400)


def _origin(ask: Ask, slack: Slack) -> str:
    parts = urlsplit(ask.redirect_uri or consent.redirect_urls(slack.config)[0])
    return f"{parts.scheme}://{parts.netloc}"


def _page(title: str, content: Html, *, status: int = 200, leads_to: str = "") -> Response:
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        tag("title", f"{title}: {APP_NAME} sandbox"),
        Html('<link rel="icon" href="/_page/static/favicon.svg" type="image/svg+xml">'),
        Html('<link rel="stylesheet" href="/_page/static/app.css">'),
        Html('<link rel="stylesheet" href="/_page/static/blocks.css">'),
        Html('<link rel="stylesheet" href="/_page/static/authorize.css">'),
    )
    body = tag("body", tag("main", content, class_="consent"), class_="consenting")
    html = join([Html("<!doctype html>"), tag("html", head, body, lang="en")])
    # A browser holds the page to these targets even where the form's answer is a redirect.
    policy = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {leads_to}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, status, headers)
