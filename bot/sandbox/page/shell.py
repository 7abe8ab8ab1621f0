"""The page around everything that changes."""

from __future__ import annotations

from bot.sandbox.page.html import Html, join, tag
from bot.sandbox.page.look import APP_NAME
from bot.sandbox.page.offers import Offers
from bot.sandbox.page.sidebar import add_video
from bot.sandbox.page.snapshot import Snapshot


def document(snapshot: Snapshot, offers: Offers, *, missing: str = "") -> Html:
    """Return the whole page, already filled, so that it reads well before its script runs.

    `missing` is what has to be installed before a video of one's own can be captioned, or empty.
    """
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        tag("title", f"{APP_NAME} sandbox"),
        Html('<link rel="icon" href="/_page/static/favicon.svg" type="image/svg+xml">'),
        Html('<link rel="stylesheet" href="/_page/static/app.css">'),
        Html('<link rel="stylesheet" href="/_page/static/blocks.css">'),
        Html('<script type="module" src="/_page/static/app.js"></script>'),
    )
    body = tag(
        "body",
        Html('<a class="skip" href="#text">Skip to the message field</a>'),
        tag(
            "div",
            tag(
                "nav",
                _region("div", "places", snapshot),
                add_video(missing),
                id="sidebar",
                aria_label="Workspace",
            ),
            _main(snapshot, offers),
            _thread(snapshot),
            id="app",
            data_as=snapshot.viewer,
            data_in=snapshot.place,
            data_thread=snapshot.thread,
        ),
        tag("div", id="scrim"),
        _region("div", "modal", snapshot),
        _confirm(),
        tag("div", id="toasts", role="status", aria_live="assertive"),
    )
    return join([Html("<!doctype html>"), tag("html", head, body, lang="en")])


def _region(name: str, key: str, snapshot: Snapshot, **attributes: str) -> Html:
    drawn = snapshot.regions[key]
    return tag(name, drawn.html, id=key, data_version=drawn.version, **attributes)


def _log(key: str, snapshot: Snapshot, label: str) -> Html:
    return tag(
        "div",
        tag("ol", *(item.html for item in snapshot.lists[key].values()), id=key),
        class_="log",
        role="log",
        aria_live="polite",
        aria_label=label,
        tabindex=0,
    )


def _main(snapshot: Snapshot, offers: Offers) -> Html:
    return tag(
        "main",
        tag(
            "header",
            tag("button", "☰", type="button", class_="icon", id="drawer", aria_label="Channels and videos"),
            _region("div", "title", snapshot, class_="title"),
        ),
        _log("messages", snapshot, "Messages"),
        _region("div", "home", snapshot, class_="home-region"),
        composer("text", "", "Message, or / for a command", offers),
    )


def _thread(snapshot: Snapshot) -> Html:
    return tag(
        "aside",
        tag(
            "header",
            _region("div", "thread-title", snapshot, class_="title"),
            tag(
                "button",
                "×",  # noqa: RUF001 - the usual sign on a button that closes
                type="button",
                class_="icon",
                id="close-thread",
                aria_label="Close the thread",
            ),
        ),
        _log("thread-messages", snapshot, "Thread"),
        composer("thread-text", "thread", "Reply…", Offers(hints=())),
        id="thread",
        aria_label="Thread",
        hidden=not snapshot.thread,
    )


def composer(field_id: str, where: str, label: str, offers: Offers) -> Html:
    """Return the form that messages are written in; `where` is `thread` inside a thread."""
    hints = [
        tag("button", tag("code", hint.usage), tag("span", hint.about), type="button", data_fill=hint.fill)
        for hint in offers.hints
    ]
    shortcuts = [
        tag(
            "button",
            "⚡",
            type="button",
            class_="icon",
            data_shortcut=shortcut.callback_id,
            aria_label=f"Shortcut: {shortcut.label}",
            title=f"Shortcut: {shortcut.label}",
        )
        for shortcut in offers.global_shortcuts
    ]
    return tag(
        "form",
        tag("div", *hints, class_="hints", hidden=True, aria_label="Commands") if hints else None,
        tag("label", label, for_=field_id, class_="out-of-sight"),
        tag("textarea", id=field_id, rows=1, placeholder=label, autocomplete="off", spellcheck="false"),
        _attach(field_id),
        *shortcuts,
        tag("button", "Send", type="submit", class_="button primary"),
        class_="composer",
        data_where=where,
    )


def _attach(field_id: str) -> Html:
    """Return the button that puts a file into the conversation; what is written goes with it."""
    label = "Attach a video or a sound"
    chooser = tag(
        "input",
        type="file",
        accept="video/*,audio/*",
        id=f"{field_id}-file",
        class_="out-of-sight",
        aria_label=label,
        data_attach=True,
    )
    return tag("label", tag("span", "+", aria_hidden="true"), chooser, class_="icon attach", title=label)


def _confirm() -> Html:
    return tag(
        "dialog",
        tag(
            "form",
            tag("h2", id="confirm-title"),
            tag("p", id="confirm-text"),
            tag(
                "footer",
                tag("button", "No", value="no", class_="button plain", id="confirm-deny"),
                tag("button", "Yes", value="yes", class_="button primary", id="confirm-yes"),
            ),
            method="dialog",
        ),
        id="confirm",
        aria_labelledby="confirm-title",
    )
