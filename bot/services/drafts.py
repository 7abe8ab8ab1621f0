"""Keeps what somebody typed into a form that could not be opened or sent, so that it is not typed twice."""

from __future__ import annotations

import secrets
from typing import Final

from bot.rules.form import CaptionForm
from bot.store import drafts
from bot.store.tx import Tx

KEPT_SECONDS: Final = 7 * 86_400.0

_FORM: Final = "caption_form"


def keep(tx: Tx, form: CaptionForm, *, team_id: str, user_id: str) -> str:
    """Keep a form for a week, for this person alone, and return the draft's id."""
    drafts.purge(tx, before=tx.now - KEPT_SECONDS)
    draft_id = secrets.token_urlsafe(12)
    drafts.add(tx, draft_id, team_id=team_id, user_id=user_id, kind=_FORM, content=form.to_json())
    return draft_id


def kept(tx: Tx, draft_id: str, *, team_id: str, user_id: str) -> CaptionForm | None:
    """Return the form that was kept, None when it is gone or another person's."""
    content = drafts.get(tx, draft_id, team_id=team_id, user_id=user_id, kind=_FORM)
    return None if content is None else CaptionForm.from_json(content)
