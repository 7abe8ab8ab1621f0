"""One thing that was looked at, and what to do about it. Performs no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a finding matters; the value is what people read."""

    OK = "ok"
    WARNING = "warning"
    """It works, with less than could be, or it will not for long."""
    PROBLEM = "problem"
    """Something that people ask for fails until it is mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report; nothing in it is ever a secret's value.

    `check` is what was looked at, `said` how it is, `fix` what to do, empty for what is well. `code` names
    the finding for programs; it is stable.
    """

    check: str
    level: Level
    said: str
    fix: str = ""
    code: str = "ok"


def ok(check: str, said: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(check=check, level=Level.OK, said=said)


def warning(check: str, code: str, said: str, fix: str) -> Finding:
    """Return that something could be better, or will not stay well."""
    return Finding(check=check, level=Level.WARNING, said=said, fix=fix, code=code)


def problem(check: str, code: str, said: str, fix: str) -> Finding:
    """Return that something does not work."""
    return Finding(check=check, level=Level.PROBLEM, said=said, fix=fix, code=code)


def count(findings: Iterable[Finding], level: Level) -> int:
    """Return how many findings are of a level."""
    return sum(finding.level is level for finding in findings)


def summary(findings: Iterable[Finding]) -> str:
    """Return the result of all findings in one sentence."""
    found = list(findings)
    problems, warnings = count(found, Level.PROBLEM), count(found, Level.WARNING)
    if not problems and not warnings:
        return "Everything that was looked at is as it should be."
    parts = [_of(problems, "problem"), _of(warnings, "warning")]
    return f"{' and '.join(filter(None, parts))} among {len(found)} checks."


def _of(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
