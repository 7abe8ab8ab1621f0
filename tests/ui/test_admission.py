"""What somebody reads who may not use the bot."""

from __future__ import annotations

import pytest

from bot.rules.admission import Reason
from bot.ui import admission


@pytest.mark.parametrize("reason", Reason)
def test_it_says_why_and_what_to_do_next(reason):
    said = admission.turned_away(reason, user_id="U1", channel_id="C1")
    assert "Nothing was started." in said.text
    assert "Ask " in said.text or "ask " in said.text
    assert "{" not in said.text


def test_whoever_may_add_somebody_gets_the_id_to_add():
    assert "`U1`" in str(admission.turned_away(Reason.USER, user_id="U1", channel_id="C1").blocks)
    assert "ALLOWED_CHANNELS: C1" in admission.plainly(Reason.CHANNEL, "U1", "C1")


def test_an_id_cannot_ping_anybody():
    said = admission.turned_away(Reason.USER, user_id="<!channel>", channel_id="C1")
    assert "<!channel>" not in str(said.blocks)
