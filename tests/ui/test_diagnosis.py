"""What `/caption doctor` says, within what Slack takes."""

from __future__ import annotations

from bot.rules.diagnosis.finding import ok, problem, warning
from bot.ui import diagnosis


def test_problems_come_before_warnings_and_both_before_what_is_well():
    found = [
        ok("Clock", "fine."),
        ok("B", "in part."),
        warning("B", "b", "so so.", "Mend B."),
        problem("C", "c", "bad.", ""),
    ]

    text = diagnosis.findings(found).text

    assert text.splitlines() == [
        "1 problem and 1 warning among 4 checks.",
        "Problem: C: bad.",
        "Warning: B: so so. Mend B.",
        "As it should be: Clock.",
    ]


def test_only_problems_leave_nothing_to_call_well():
    assert "As it should be" not in diagnosis.findings([problem("C", "c", "bad.", "Mend.")]).text


def test_more_than_a_message_holds_is_counted_and_markup_is_not_obeyed():
    found = [problem(f"C{number}", "c", "<!channel> & <@U1>", "Mend.") for number in range(25)]

    said = diagnosis.findings(found)

    assert len(said.blocks) <= 50
    assert "5 more are told by `caption-bot doctor`" in str(said.blocks)
    assert "<!channel>" not in str(said.blocks)


def test_whoever_may_not_ask_is_told_who_may():
    assert "users:read" in diagnosis.refused(known=False).text
    assert "users:read" not in diagnosis.refused(known=True).text
    assert "ALLOWED_ADMINS" in diagnosis.refused(known=True).text
    assert diagnosis.looking().text
    assert diagnosis.failed().text
