"""The doors through which a workspace installs the app.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import SlackRefused, StoreError, VendorError
from bot.services import workspaces
from bot.settings import Settings
from bot.slack.apps import Grant, SlackApps
from bot.store.database import Database
from bot.store.installations import Installation
from bot.vault import Vault
from handlers import manifest
from handlers.pages import page

INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"

_COOKIE: Final = "caption-bot-install"
_LONGEST: Final = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """`GET /slack/install` and `GET /slack/oauth_redirect`.

    `installed` is called with each place whose tokens are new; `welcome` with the workspace and the person
    who installed the app there first, after they have their answer.
    """

    settings: Settings
    store: Database
    apps: SlackApps
    vault: Vault
    installed: Callable[[str], None]
    welcome: Callable[[str, str], Awaitable[None]]

    async def install(self, request: Request) -> Response:
        """Show a page with one button to Slack, or with `?direct` go there; a cookie binds the way back."""
        state = secrets.token_urlsafe(32)
        try:
            await self.store.transaction(workspaces.begin, state)
        except StoreError:
            log.exception("slack.install_not_begun")
            return page("This does not work at the moment", "Try it again in a minute.", status=503)
        url = self._authorize_url(state)
        response: Response = (
            RedirectResponse(url, status_code=302, headers={"Cache-Control": "no-store"})
            if "direct" in request.query_params
            else page(
                "Add Caption Bot to Slack",
                "Caption Bot makes captions for videos at Mux, with a command in any channel.",
                "Slack shows what it may do, and asks you, before anything is installed.",
                link=("Add to Slack", url),
            )
        )
        self._set_cookie(response, state)
        return response

    async def redirect(self, request: Request) -> Response:
        """Take somebody back from Slack: store the installation, or say what was in the way."""
        response = await self._finish(request)
        response.delete_cookie(_COOKIE, path="/slack")
        return response

    async def _finish(self, request: Request) -> Response:
        given = {name: value[:_LONGEST] for name, value in request.query_params.items()}
        cookie = request.cookies.get(_COOKIE, "")[:_LONGEST]
        state = given.get("state", "")
        if not state or not hmac.compare_digest(state.encode(), cookie.encode()):
            return _again(
                "This is not the browser in which the installation was begun",
                "The link back from Slack only works there, once, and within ten minutes.",
            )
        try:
            if not await self.store.transaction(workspaces.take, state):
                return _again(
                    "This installation is over", "It was used already, or begun more than ten minutes ago."
                )
            if given.get("error"):
                return _declined(given["error"])
            grant = await self._exchange(given.get("code", ""))
            return await self._store(grant)
        except SlackRefused as error:
            log.warning("slack.install_refused", code=error.code)
            return _again("Slack did not confirm the installation", f"Its reason was: {error.code}.")
        except (VendorError, StoreError) as error:
            log.warning("slack.install_failed", error=type(error).__name__)
            return _again(
                "The installation could not be finished", "Slack or the database did not answer.", status=503
            )

    async def _exchange(self, code: str) -> Grant:
        return await self.apps.exchange(
            code,
            redirect_uri=self._redirect_uri,
            client_id=self.settings.slack_client_id,
            client_secret=self.settings.slack_client_secret.get_secret_value(),
        )

    async def _store(self, grant: Grant) -> Response:
        place = grant.team_id or grant.enterprise_id
        if not place:
            return _again("Slack did not say where the app was installed", "Nothing was stored.")
        first = await self.store.transaction(
            workspaces.install, self._sealed(grant, place), expires_in=grant.expires_in
        )
        self.installed(place)
        log.info("slack.installed", place=place, first=first, scopes=sorted(grant.scopes))
        response = page(
            f"Caption Bot is installed in {grant.team_name or grant.enterprise_name or place}",
            "One thing is left: in Slack, open the app's Home tab and choose “Connect Mux”.",
            "Then invite it to a channel and type /caption there.",
        )
        # Slack gives nobody of a whole organization to whom a message could be sent.
        if first and grant.team_id and grant.installer_id:
            response.background = BackgroundTask(self.welcome, grant.team_id, grant.installer_id)
        return response

    def _sealed(self, grant: Grant, place: str) -> Installation:
        return Installation(
            place=place,
            name=grant.team_name or grant.enterprise_name,
            enterprise_id=grant.enterprise_id,
            bot_user_id=grant.bot_user_id,
            installer_id=grant.installer_id,
            scopes=",".join(sorted(grant.scopes)),
            token=self.vault.seal(grant.token),
            refresh_token=self.vault.seal(grant.refresh_token) if grant.refresh_token else None,
        )

    @property
    def _redirect_uri(self) -> str:
        return f"{self.settings.public_url.rstrip('/')}{REDIRECT}"

    def _authorize_url(self, state: str) -> str:
        query = {
            "client_id": self.settings.slack_client_id,
            "scope": ",".join(manifest.scopes(manifest.Wish(oauth=True))),
            "state": state,
            "redirect_uri": self._redirect_uri,
        }
        return f"{self.settings.slack_authorize_url}?{urlencode(query)}"

    def _set_cookie(self, response: Response, state: str) -> None:
        response.set_cookie(
            _COOKIE,
            state,
            max_age=int(workspaces.STATE_SECONDS),
            path="/slack",
            secure=self.settings.public_url.startswith("https://"),
            httponly=True,
            # Slack leads back here from its own site, and that has to bring the cookie along.
            samesite="lax",
        )


def _declined(code: str) -> Response:
    if code == "access_denied":
        return _again("Nothing was installed", "You chose not to install the app.", status=200)
    return _again("Slack did not install the app", f"Its reason was: {code}.")


def _again(heading: str, *sentences: str, status: int = 400) -> Response:
    return page(heading, *sentences, link=("Begin again", INSTALL), status=status)
