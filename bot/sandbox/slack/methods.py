"""The Web API's methods: for each its scopes, its rate tier and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.sandbox.slack import methods_auth as auth
from bot.sandbox.slack import methods_chat as chat
from bot.sandbox.slack import methods_conversations as conversations
from bot.sandbox.slack import methods_files as files
from bot.sandbox.slack import methods_functions as functions
from bot.sandbox.slack import methods_views as views
from bot.sandbox.slack.arguments import Arguments, TokenKind
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.shapes import person_json

Act: TypeAlias = Callable[[Core, Arguments], dict[str, Any]]
_BOT: frozenset[TokenKind] = frozenset({"bot"})
_APP: frozenset[TokenKind] = frozenset({"app"})


@dataclass(frozen=True, slots=True)
class Method:
    """One method: any one of `scopes` lets a token in, if it is one of `tokens`; `tier` is for limits.

    `public` ones need no token.
    """

    act: Act
    tier: int
    scopes: tuple[str, ...] = ()
    public: bool = False
    tokens: frozenset[TokenKind] = _BOT


def _api_test(core: Core, args: Arguments) -> dict[str, Any]:
    del core
    if args.has("error"):
        raise Refusal(args.text("error"), args=args.values)
    return {"args": args.values}


def _users_info(core: Core, args: Arguments) -> dict[str, Any]:
    person = core.workspace.people.get(args.need("user"))
    if person is None:
        raise Refusal("user_not_found")
    return {"user": person_json(core.workspace, person)}


_HISTORY = ("channels:history", "groups:history", "im:history")
_READ = ("channels:read", "groups:read", "im:read")
_WRITE = ("chat:write",)

# Tiers as on each method's page under https://docs.slack.dev/reference/methods
METHODS: dict[str, Method] = {
    "api.test": Method(_api_test, 4, public=True),
    "auth.test": Method(auth.test, 4, tokens=_BOT | _APP),
    "auth.revoke": Method(auth.revoke, 3),
    "oauth.v2.access": Method(auth.access, 4, public=True),
    "apps.uninstall": Method(auth.uninstall, 1),
    "apps.connections.open": Method(auth.connections_open, 1, ("connections:write",), tokens=_APP),
    "chat.postMessage": Method(chat.post_message, 4, _WRITE),
    "chat.postEphemeral": Method(chat.post_ephemeral, 4, _WRITE),
    "chat.update": Method(chat.update, 3, _WRITE),
    "chat.delete": Method(chat.delete, 3, _WRITE),
    "chat.getPermalink": Method(chat.get_permalink, 4),
    "conversations.history": Method(conversations.history, 3, _HISTORY),
    "conversations.replies": Method(conversations.replies, 3, _HISTORY),
    "conversations.info": Method(conversations.info, 3, _READ),
    "conversations.list": Method(conversations.list_, 2, _READ),
    "conversations.members": Method(conversations.members, 4, _READ),
    "conversations.open": Method(conversations.open_, 3, ("im:write",)),
    "conversations.join": Method(conversations.join, 3, ("channels:join",)),
    "views.open": Method(views.open_, 4),
    "views.push": Method(views.push, 4),
    "views.update": Method(views.update, 4),
    "views.publish": Method(views.publish, 4),
    "files.getUploadURLExternal": Method(files.get_upload_url, 4, ("files:write",)),
    "files.completeUploadExternal": Method(files.complete_upload, 4, ("files:write",)),
    "files.delete": Method(files.delete, 3, ("files:write",)),
    "files.info": Method(files.info, 4, ("files:read",)),
    "functions.completeSuccess": Method(functions.complete_success, 3),
    "functions.completeError": Method(functions.complete_error, 3),
    "users.info": Method(_users_info, 4, ("users:read",)),
}
