"""Turns people away whom the operator did not admit, before any listener hears them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.rules.admission import Admission, Reason, Standing
from bot.rules.policy import Asker
from bot.ui import admission as said
from bot.ui import caption_modal
from handlers import in_place
from handlers.acting import Press, commander
from handlers.modals import Modals
from handlers.replying import Answer, promised

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What everything from Slack passes, before Bolt looks for a listener.

    It knows what stands in the payload: the person, the channel, and whether the person belongs to another
    organization. Whether somebody is a guest Slack has to be asked, which a worker does before a job is sent.
    """

    admission: Admission
    modals: Modals

    def turn_away(self, body: Mapping[str, Any]) -> Answer | None:
        """Return the answer where the person is looking; None for somebody who may pass."""
        asker = _asker(body)
        if asker is None:
            return None
        reason = self.admission.refuse(
            user_id=asker.user_id, channel_id=asker.channel_id, standing=_standing(body)
        )
        if reason is None:
            return None
        log.warning("slack.turned_away", reason=reason.value, user=asker.user_id, channel=asker.channel_id)
        return self._answer(reason, asker, body)

    def _answer(self, reason: Reason, asker: Asker, body: Mapping[str, Any]) -> Answer:
        plain = said.plainly(reason, asker.user_id, asker.channel_id)
        message = said.turned_away(reason, user_id=asker.user_id, channel_id=asker.channel_id)
        context: dict[str, Any] = {}
        response = in_place.answer(body, context, self.modals, message=message, plain=plain)
        return Answer(response=response, afterwards=promised(context))


def _asker(body: Mapping[str, Any]) -> Asker | None:
    """Return who asks; None for an event, which is nobody's wish."""
    if "command" in body:
        return commander(body)
    if body.get("type") == "event_callback" or "user" not in body:
        return None
    asker = Press.from_body(body).asker
    view = body.get("view") or {}
    if body.get("type") != "view_submission" or view.get("callback_id") != caption_modal.CALLBACK_ID:
        return asker
    return replace(asker, channel_id=caption_modal.channel_of(view))


def _standing(body: Mapping[str, Any]) -> Standing:
    """Say whether the payload names somebody of another organization.

    https://docs.slack.dev/apis/slack-connect: the person's own team then differs from the app's.
    """
    team, user = body.get("team"), body.get("user")
    if not isinstance(team, Mapping) or not isinstance(user, Mapping):
        return Standing.UNKNOWN
    here, home = team.get("id"), user.get("team_id")
    enterprise = body.get("enterprise")
    if not here or not home or here == home:
        return Standing.UNKNOWN
    # Within one Enterprise organization people belong to several workspaces.
    if isinstance(enterprise, Mapping) and enterprise.get("id"):
        return Standing.UNKNOWN
    return Standing.EXTERNAL
