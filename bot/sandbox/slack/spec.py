"""Small checks that combine into a description of a JSON value; each problem carries a JSON pointer.

A check gets a value, the pointer to it and the list to which it adds problems, worded and marked as Slack
does: `must be less than 151 characters [json-pointer:/blocks/0/text/text]`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any, str, list[str]], None]


def problem(problems: list[str], sentence: str, pointer: str) -> None:
    """Add one problem at `pointer`, in Slack's form."""
    problems.append(f"[ERROR] {sentence} [json-pointer:{pointer}]")


def string(most: int, *, least: int = 0) -> Check:
    """Accept a string of at least `least` and at most `most` characters."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            problem(problems, "must provide a string", pointer)
        elif len(value) > most:
            problem(problems, f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            problem(problems, f"must be more than {least - 1} characters", pointer)

    return check


def integer(least: int, most: int) -> Check:
    """Accept a whole number from `least` to `most`."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            problem(problems, "must provide an integer", pointer)
        elif not least <= value <= most:
            problem(problems, f"must be between {least} and {most}", pointer)

    return check


def boolean(value: Any, pointer: str, problems: list[str]) -> None:
    """Accept true and false."""
    if not isinstance(value, bool):
        problem(problems, "must provide a boolean", pointer)


def anything(value: Any, pointer: str, problems: list[str]) -> None:
    """Accept any value: for parts whose rules Slack does not publish."""


def choice(*allowed: str) -> Check:
    """Accept one of the given strings."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if value not in allowed:
            problem(problems, f"must be one of: {', '.join(allowed)}", pointer)

    return check


def many(item: Check, most: int, *, least: int = 0) -> Check:
    """Accept a list of `least` to `most` items that each pass `item`."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            problem(problems, "must provide an array", pointer)
            return
        if len(value) > most:
            problem(problems, f"no more than {most} items allowed", pointer)
        if len(value) < least:
            problem(problems, f"no fewer than {least} items allowed", pointer)
        for index, one in enumerate(value):
            item(one, f"{pointer}/{index}", problems)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accept an object with every required field, and no field that is neither required nor optional."""
    known = {**required, **(optional or {})}

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            problem(problems, "must provide an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                problem(problems, f"missing required field: {name}", pointer)
        for name, one in value.items():
            if name not in known:
                problem(problems, f"invalid additional property: {name}", pointer)
            elif one is not None:
                known[name](one, f"{pointer}/{name}", problems)

    return check


def tagged(kinds: Mapping[str, Check], allowed: frozenset[str] | None = None) -> Check:
    """Accept an object whose `type` names one of `kinds`, or of those `allowed` in this place.

    The mapping is read when a value is checked, so that kinds can contain each other.
    """

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            problem(problems, "must provide an object", pointer)
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            problem(problems, "missing required field: type", pointer)
        elif kind not in kinds or (allowed is not None and kind not in allowed):
            problem(problems, f"unsupported type: {kind}", f"{pointer}/type")
        else:
            kinds[kind](value, pointer, problems)

    return check
