"""Where the app is installed, with which scopes, and which tokens say so.

https://docs.slack.dev/authentication/installing-with-oauth and
https://docs.slack.dev/authentication/using-token-rotation
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox.clock import SandboxClock
from bot.sandbox.journal import Journal
from bot.sandbox.slack.model import Refusal

CODE_SECONDS: Final = 600.0
ROTATED_SECONDS: Final = 43_200
"""How long an access token lives where tokens are rotated."""


@dataclass(slots=True, kw_only=True)
class Token:
    """One access token of a workspace, or of an organization; `dead` is the error that it earns.

    A `lent` one came with a run of a workflow step, and installs nothing.
    """

    value: str
    place: str
    expires_at: float | None = None
    dead: str = ""
    lent: bool = False


@dataclass(slots=True, kw_only=True)
class Installation:
    """The app in one workspace, or in a whole organization; scopes add up until it is uninstalled."""

    place: str
    installer: str
    scopes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A temporary code: what somebody allowed, good for one exchange within ten minutes."""

    place: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    issued_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What an exchange gives: an access token, and where tokens are rotated a refresh token."""

    token: Token
    installation: Installation
    refresh_token: str = ""


class Grants:
    """Every installation by the id of its workspace or organization, and every token that there was.

    `rotation` switches token rotation on for exchanges from now on.
    """

    def __init__(self, clock: SandboxClock, journal: Journal, *, rotation: bool = False) -> None:
        self._clock = clock
        self._journal = journal
        self._codes: dict[str, Code | None] = {}
        self._refreshers: dict[str, str] = {}
        self.rotation = rotation
        self.tokens: dict[str, Token] = {}
        self.installations: dict[str, Installation] = {}

    def preinstall(self, place: str, token: str, scopes: Iterable[str], user: str) -> None:
        """Install the app without anybody having been asked, as it is in the first workspace."""
        self.tokens[token] = Token(value=token, place=place)
        self.installations[place] = Installation(place=place, installer=user, scopes=list(scopes))

    def code(self, place: str, user: str, scopes: tuple[str, ...], redirect_uri: str) -> str:
        """Return the code that tells the app what `user` allowed; `redirect_uri` is the one asked for."""
        code = secrets.token_hex(20)
        self._codes[code] = Code(
            place=place,
            user=user,
            scopes=scopes,
            redirect_uri=redirect_uri,
            issued_at=self._clock.now(),
        )
        return code

    def exchange(self, code: str, redirect_uri: str) -> Issued:
        """Use a code up: install the app, or install it again with more scopes.

        Raises:
            Refusal: `invalid_code`, `code_already_used` or `bad_redirect_uri`.
        """
        if code not in self._codes:
            raise Refusal("invalid_code")
        allowed = self._codes[code]
        if allowed is None:
            raise Refusal("code_already_used")
        if self._clock.now() - allowed.issued_at > CODE_SECONDS:
            raise Refusal("invalid_code")
        if redirect_uri != allowed.redirect_uri:
            raise Refusal("bad_redirect_uri")
        self._codes[code] = None
        installation = self.installations.setdefault(
            allowed.place, Installation(place=allowed.place, installer=allowed.user)
        )
        installation.installer = allowed.user
        installation.scopes += [one for one in allowed.scopes if one not in installation.scopes]
        self._journal.add("slack.effect", "app.installed", place=allowed.place, scopes=installation.scopes)
        return self._rotating(installation) if self.rotation else self._lasting(installation)

    def refresh(self, refresh_token: str) -> Issued:
        """Exchange a refresh token, once, for the next pair; the access token before lives out its time.

        Raises:
            Refusal: `invalid_refresh_token`.
        """
        place = self._refreshers.pop(refresh_token, "")
        installation = self.installations.get(place)
        if installation is None:
            raise Refusal("invalid_refresh_token")
        self._journal.add("slack.effect", "token.refreshed", place=place)
        return self._rotating(installation)

    def _lasting(self, installation: Installation) -> Issued:
        """Return the token that does not end; there is one for each installation, however often made."""
        for token in self.tokens.values():
            if token.place == installation.place and not token.dead and token.expires_at is None:
                return Issued(token=token, installation=installation)
        token = Token(value=f"xoxb-{installation.place}-{secrets.token_hex(12)}", place=installation.place)
        self.tokens[token.value] = token
        return Issued(token=token, installation=installation)

    def _rotating(self, installation: Installation) -> Issued:
        token = Token(
            value=f"xoxe.xoxb-1-{installation.place}-{secrets.token_hex(24)}",
            place=installation.place,
            expires_at=self._clock.now() + ROTATED_SECONDS,
        )
        self.tokens[token.value] = token
        refresh_token = f"xoxe-1-{installation.place}-{secrets.token_hex(24)}"
        self._refreshers[refresh_token] = installation.place
        return Issued(token=token, installation=installation, refresh_token=refresh_token)

    def find(self, value: str) -> Token:
        """Return a token that is good for calls.

        Raises:
            Refusal: `invalid_auth`, `token_expired`, `token_revoked` or `account_inactive`.
        """
        token = self.tokens.get(value)
        if token is None:
            raise Refusal("invalid_auth")
        if token.dead:
            raise Refusal(token.dead)
        if token.expires_at is not None and self._clock.now() >= token.expires_at:
            raise Refusal("token_expired")
        return token

    def lend(self, place: str, seconds: float) -> Token:
        """Return a token that is good for a while, with the scopes of the app."""
        token = Token(
            value=f"xwfp-{place}-{secrets.token_hex(24)}",
            place=place,
            expires_at=self._clock.now() + seconds,
            lent=True,
        )
        self.tokens[token.value] = token
        return token

    def end(self, token: Token) -> None:
        """Let a lent token die before its time."""
        token.dead = token.dead or "token_revoked"

    def live(self, place: str) -> bool:
        """Say whether a workspace or organization still has a token that counts, expired ones included."""
        return any(
            token.place == place and not token.dead and not token.lent for token in self.tokens.values()
        )

    def revoke(self, place: str, *, value: str = "") -> None:
        """Revoke one token, or all of a place's."""
        for token in self.tokens.values():
            if token.place == place and value in {"", token.value} and not token.dead:
                token.dead = "token_revoked"
        if not self.live(place):
            self._forget_refreshers(place)
        self._journal.add("slack.effect", "token.revoked", place=place)

    def uninstall(self, place: str) -> None:
        """Remove the app from a workspace or organization; every token of it earns `account_inactive`."""
        self.installations.pop(place, None)
        for token in self.tokens.values():
            if token.place == place and not token.dead:
                token.dead = "account_inactive"
        self._forget_refreshers(place)
        self._journal.add("slack.effect", "app.uninstalled", place=place)

    def _forget_refreshers(self, place: str) -> None:
        self._refreshers = {value: at for value, at in self._refreshers.items() if at != place}
