"""Modals and the Home tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.sandbox.page.blocks import render_blocks
from bot.sandbox.page.html import Html, tag
from bot.sandbox.page.look import Look
from bot.sandbox.page.mrkdwn import text_object
from bot.sandbox.slack.model import View


def modal(stack: Sequence[View], look: Look) -> Html | None:
    """Return the topmost modal of a stack as a form, or None when nothing is open."""
    if not stack:
        return None
    view = stack[-1]
    heading = f"{view.id}-title"
    return tag(
        "form",
        tag(
            "header",
            _back(stack),
            tag("h2", text_object(view.payload.get("title"), look.names), id=heading),
            tag("button", "×", type="button", class_="icon", data_close="all", aria_label="Close"),  # noqa: RUF001
        ),
        _errors(view),
        tag("div", render_blocks(view.blocks, look.scene_of_view(view)), class_="view-blocks"),
        _footer(view, look),
        class_="modal",
        role="dialog",
        aria_modal="true",
        aria_labelledby=heading,
        novalidate=True,
        data_view=view.id,
    )


def _back(stack: Sequence[View]) -> Html | None:
    if len(stack) == 1:
        return None
    return tag("button", "←", type="button", class_="icon", data_close="top", aria_label="Back")


def _errors(view: View) -> Html | None:
    """Return the errors whose block is no field of this view: a mistake of the bot's, so it shows."""
    known = {block.get("block_id") for block in view.blocks if block.get("type") == "input"}
    stray = [f"{block_id}: {text}" for block_id, text in view.errors.items() if block_id not in known]
    if not stray:
        return None
    return tag("div", *(tag("p", text) for text in stray), class_="alert error", role="alert")


def _footer(view: View, look: Look) -> Html:
    submit: Any = view.payload.get("submit")
    close = text_object(view.payload.get("close"), look.names) or "Close"
    return tag(
        "footer",
        tag("button", close, type="button", class_="button plain", data_close="top"),
        tag("button", text_object(submit, look.names), type="submit", class_="button primary")
        if submit
        else None,
    )


def home(view: View | None, look: Look) -> Html:
    """Return a person's Home tab; before the bot has published one, a sentence that says so."""
    if view is None:
        return tag("p", "The app has not published anything here yet.", class_="empty")
    return tag("div", render_blocks(view.blocks, look.scene_of_view(view)), class_="home", data_view=view.id)
