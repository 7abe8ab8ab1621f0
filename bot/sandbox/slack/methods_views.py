"""views.*: modals and the Home tab."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.blocks import checked_view
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.model import Refusal, View
from bot.sandbox.slack.shapes import view_json


def open_(core: Core, args: Arguments) -> dict[str, Any]:
    """views.open: a modal in exchange for a trigger id."""
    payload = _modal(core, args)
    user, channel_id = core.triggers.redeem(args.need("trigger_id"))
    current = core.workspace.channels.get(channel_id)
    return {"view": view_json(core, core.workspace.views.open(user, payload, current))}


def push(core: Core, args: Arguments) -> dict[str, Any]:
    """views.push: another modal on top of the person's stack."""
    payload = _modal(core, args)
    user, _ = core.triggers.redeem(args.need("trigger_id"))
    return {"view": view_json(core, core.workspace.views.push(user, payload))}


def update(core: Core, args: Arguments) -> dict[str, Any]:
    """views.update: by view_id or external_id, refused when the hash is stale."""
    payload = checked_view(args.structure("view", "invalid_arguments"))
    views = core.workspace.views
    view = views.get(args.text("view_id")) or (
        views.by_external_id(args.text("external_id")) if args.text("external_id") else None
    )
    if view is None:
        raise Refusal("not_found")
    check_hash(view, args.text("hash"))
    if payload["type"] != view.kind:
        raise Refusal("invalid_arguments")
    check_external_id(core, payload, view)
    return {"view": view_json(core, views.update(view, payload))}


def publish(core: Core, args: Arguments) -> dict[str, Any]:
    """views.publish: somebody's Home tab."""
    if not core.config.home_tab:
        raise Refusal("not_enabled")
    payload = checked_view(args.structure("view", "invalid_arguments"))
    if payload["type"] != "home":
        raise Refusal("invalid_arguments")
    user = args.need("user_id")
    if user not in core.workspace.people:
        raise Refusal("invalid_arguments")
    current = core.workspace.views.home.get(user)
    if current is not None:
        check_hash(current, args.text("hash"))
    check_external_id(core, payload, current)
    return {"view": view_json(core, core.workspace.views.publish(user, payload))}


def check_hash(view: View, given: str) -> None:
    """Compare the hash that the bot saw with the view's; an empty one is not compared.

    Raises:
        Refusal: `hash_conflict`.
    """
    if given and given != view.hash:
        raise Refusal("hash_conflict")


def check_external_id(core: Core, payload: dict[str, Any], own: View | None) -> None:
    """See to it that a view's external id is no other open view's.

    Raises:
        Refusal: `duplicate_external_id`.
    """
    external_id = payload.get("external_id")
    other = core.workspace.views.by_external_id(external_id) if external_id else None
    if other is not None and other is not own:
        raise Refusal("duplicate_external_id")


def _modal(core: Core, args: Arguments) -> dict[str, Any]:
    payload = checked_view(args.structure("view", "invalid_arguments"))
    if payload["type"] != "modal":
        raise Refusal("invalid_arguments")
    check_external_id(core, payload, None)
    return payload
