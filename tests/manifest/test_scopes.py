"""The app asks for the scopes that its methods need: no more, no less."""

from __future__ import annotations

import ast
import re
from typing import Final

from tests.manifest.declared import ROOT

# Which scopes each method of the Web API needs, with the bot's use of it: conversations.open is called for
# single people only. https://docs.slack.dev/reference/methods
NEEDED: Final[dict[str, set[str]]] = {
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
NEEDED_TO_READ_BACK: Final[dict[str, set[str]]] = {
    "conversations.history": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
}
NEEDED_FOR_FILES: Final[dict[str, set[str]]] = {
    "files.info": {"files:read"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "files.delete": {"files:write"},
}
NEEDED_FOR_PEOPLE: Final[dict[str, set[str]]] = {"users.info": {"users:read"}}


def called_methods() -> set[str]:
    """Every name of a Web API method that the client's code holds."""
    pages = [(ROOT / "bot" / "slack" / name).read_text() for name in ("client.py", "files.py")]
    tree = ast.parse("\n".join(page.replace("from __future__ import annotations", "") for page in pages))
    families = r"(?:auth|bookmarks|canvases|chat|conversations|files|pins|reactions|team|users|views)"
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(rf"{families}\.[A-Za-z.]+", node.value)
    }


def test_the_table_of_scopes_knows_every_method_that_the_client_calls():
    assert called_methods() == (
        set(NEEDED) | set(NEEDED_TO_READ_BACK) | set(NEEDED_FOR_FILES) | set(NEEDED_FOR_PEOPLE)
    )


def test_the_scopes_are_those_that_the_methods_need(manifest):
    scopes = manifest["oauth_config"]["scopes"]
    required = set().union(*NEEDED.values()) | {"commands"}
    optional = set().union(
        *NEEDED_TO_READ_BACK.values(), *NEEDED_FOR_FILES.values(), *NEEDED_FOR_PEOPLE.values()
    )
    assert set(scopes) == {"bot", "bot_optional"}
    assert sorted(scopes["bot_optional"]) == sorted(optional)
    assert sorted(scopes["bot"]) == sorted(required | optional)


def test_the_bot_may_write_to_people_directly(manifest):
    assert manifest["features"]["app_home"]["messages_tab_enabled"]
