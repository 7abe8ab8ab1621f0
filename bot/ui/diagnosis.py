"""What `/caption doctor` says: what is to be mended first, and what is well in one line. Performs no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.rules.diagnosis.finding import Finding, Level, summary
from bot.ui.blocks import context, message, section
from bot.ui.message import Message
from bot.ui.mrkdwn import bold, lines, listed, prose, sentences

LOOKING: Final = "Looking at Slack, Mux and the bot; the answer follows here in a few seconds."
_LEVELS: Final = {Level.PROBLEM: "Problem", Level.WARNING: "Warning"}
_MOST: Final = 20


def looking() -> Message:
    """Return the answer that comes at once."""
    return message(LOOKING, [section(LOOKING)])


def findings(found: Sequence[Finding]) -> Message:
    """Return everything that was found, problems before warnings before what is well."""
    worst = [each for level in _LEVELS for each in found if each.level is level]
    shown = worst[:_MOST]
    left = f"{len(worst) - _MOST} more are told by `caption-bot doctor`." if len(worst) > _MOST else ""
    unwell = {each.check for each in worst}
    well = list(dict.fromkeys(prose(each.check, 100) for each in found if each.check not in unwell))
    fine = f"As it should be: {listed(well)}." if well else ""
    result = summary(found)
    return message(
        lines(result, *(_spoken(each) for each in shown), left, fine),
        [
            section(f"*{result}*"),
            *(section(_shown(each)) for each in shown),
            *map(context, filter(None, [left, fine])),
        ],
    )


def refused(*, known: bool) -> Message:
    """Return the answer to somebody who may not ask; `known` says whether Slack told who they are."""
    said = "Only admins of this workspace, and whoever installed the app, may ask for this."
    why = "" if known else "The app lacks the optional scope `users:read`, so it cannot tell who is an admin."
    fix = "Whoever runs the bot can name more people in `ALLOWED_ADMINS`, or run `caption-bot doctor` there."
    text = sentences(said, why, fix)
    return message(text, [section(text)])


def failed() -> Message:
    """Return the answer when it could not be found out who asks."""
    text = "Slack or the database did not say who you are, so nothing was looked at. Try again in a minute."
    return message(text, [section(text)])


def _spoken(finding: Finding) -> str:
    return sentences(
        f"{_LEVELS[finding.level]}: {prose(finding.check)}: {prose(finding.said)}", prose(finding.fix)
    )


def _shown(finding: Finding) -> str:
    head = f"{_LEVELS[finding.level]} · {bold(finding.check)}: {prose(finding.said)}"
    return lines(head, f"Fix: {prose(finding.fix)}" if finding.fix else "")
