"""Building HTML in which nothing is markup unless it was built here."""

from __future__ import annotations

import html
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

_VOID = frozenset({"br", "hr", "img", "input", "track"})
_PLAYER_HOST = "player.mux.com"
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})


class Html(str):
    """Markup that is safe to send; every other `str` is text and gets escaped."""

    __slots__ = ()


Child = str | Html | None


def escape(text: str) -> Html:
    """Return `text` as markup, quotes included; markup that is already `Html` passes unchanged."""
    return text if isinstance(text, Html) else Html(html.escape(text, quote=True))


def join(children: Iterable[Child]) -> Html:
    """Return the children one after the other, text escaped."""
    return Html("".join(escape(child) for child in children if child is not None))


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Return one element.

    Attribute names are written with underscores (`data_unix`, `class_`, `aria_label`); True gives a bare
    attribute, None and False leave it out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def _attribute(key: str, value: str | int | bool | None) -> str:  # noqa: FBT001 - an attribute's value
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{html.escape(str(value), quote=True)}"'


def safe_url(url: str) -> str | None:
    """Return `url` when a browser may follow it (http, https, mailto), else None."""
    cleaned = url.strip()
    if any(ord(character) < ord(" ") for character in cleaned):
        return None
    try:
        scheme = urlsplit(cleaned).scheme.lower()
    except ValueError:
        return None
    return cleaned if scheme in _SAFE_SCHEMES else None


def followed(url: str) -> str | None:
    """Return where a link leads on this page, or None where it is not one to follow.

    The local Mux plays its own films, so a link to Mux's player opens the player of the sandbox.
    """
    target = safe_url(url)
    if target is None:
        return None
    parts = urlsplit(target)
    if parts.hostname != _PLAYER_HOST:
        return target
    return urlunsplit(("", "", f"/player{parts.path}", parts.query, parts.fragment))


def link(url: str, *children: Child) -> Html:
    """Return a link that opens aside, or only its label where the address is not one to follow."""
    target = followed(url)
    if target is None:
        return tag("span", *children, class_="dead-link", title="This address is not followed here")
    return tag("a", *children, href=target, target="_blank", rel="noopener noreferrer")


def glyph(name: str) -> Html:
    """Return a small drawing: `lock` or `page`; emoji would depend on the machine's fonts."""
    paths = {
        "lock": "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
        "page": "M3.5 1.5h6l3 3v10h-9zM5.5 8h5M5.5 11h5",
    }
    return Html(f'<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true"><path d="{paths[name]}"/></svg>')
