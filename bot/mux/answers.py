"""Turns what Mux answers into our values: a job into a report, a refusal into an error. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bot.errors import MuxRefused, OutcomeUnknown, Throttled
from bot.mux.reading import Malformed, count, identifier, link, mapping, mappings, moment, parse, share, text
from bot.rules.jobs import Failure, Outcome, ReplacedTrack, Report, Signal

STATUSES: Final[dict[str, Signal]] = {
    "pending": Signal.PENDING,
    "processing": Signal.PROCESSING,
    "completed": Signal.COMPLETED,
    "errored": Signal.ERRORED,
    "cancelled": Signal.CANCELLED,
    "canceled": Signal.CANCELLED,
}
_CODES: Final[dict[int, str]] = {
    400: "invalid_parameters",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    422: "unprocessable_entity",
}
_LONGEST_WAIT_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose token it is: the environment it is bound to, and what it may do (`robots:*` is needed)."""

    environment_id: str
    environment_name: str
    organization_id: str
    organization_name: str
    token_name: str
    permissions: frozenset[str]


def read_job(data: Mapping[str, Any], *, status: str | None = None) -> Report:
    """Return what `data`, a job as Mux spells it, says; keys that we do not know are ignored.

    `status` stands in when the job's own one is absent or unknown to us.

    Raises:
        Malformed: `no_job_id`, `bad_job_id`, `no_status` or `bad_status`.
    """
    mux_id = identifier(data.get("id"))
    if mux_id is None:
        raise Malformed("bad_job_id" if data.get("id") else "no_job_id")
    signal = _signal(data.get("status")) or _signal(status)
    if signal is None:
        raise Malformed("bad_status" if data.get("status") else "no_status")
    parameters = mapping(data.get("parameters"))
    assets = mappings(mapping(data.get("resources")).get("assets"))
    asset = assets[0] if assets else {}
    return Report(
        signal=signal,
        mux_id=mux_id,
        asset_id=text(parameters.get("asset_id"), limit=255) or text(asset.get("id"), limit=255),
        passthrough=text(data.get("passthrough"), limit=255),
        title=text(mapping(asset.get("meta")).get("title"), limit=512).strip(),
        units_consumed=count(data.get("units_consumed")),
        changed_at=moment(data.get("updated_at")) or moment(data.get("created_at")),
        outcome=_outcome(data, parameters) if signal is Signal.COMPLETED else None,
        failure=_failure(mappings(data.get("errors"))) if signal is Signal.ERRORED else None,
    )


def _signal(status: Any) -> Signal | None:
    return STATUSES.get(status) if isinstance(status, str) else None


def _outcome(data: Mapping[str, Any], parameters: Mapping[str, Any]) -> Outcome:
    outputs = mapping(data.get("outputs"))
    asked = text(parameters.get("language_code"), limit=64)
    return Outcome(
        language_code=text(outputs.get("language_code"), limit=64) or asked,
        track_id=identifier(outputs.get("track_id")),
        detected_language=text(outputs.get("detected_language"), limit=64) or None,
        language_confidence=share(outputs.get("auto_language_confidence")),
        srt_url=link(outputs.get("temporary_srt_url")),
        words_url=link(outputs.get("temporary_words_url")),
        replaced=_replaced(outputs),
    )


def _replaced(outputs: Mapping[str, Any]) -> tuple[ReplacedTrack, ...]:
    tracks = mappings(outputs.get("replaced_tracks"))
    # The older single id is the first of the newer list, and all there is from before the list existed.
    tracks = tracks or [{"id": outputs.get("replaced_track_id")}]
    return tuple(
        ReplacedTrack(
            id=track_id,
            name=text(track.get("name"), limit=512),
            language_code=text(track.get("language_code"), limit=64),
        )
        for track in tracks
        if (track_id := identifier(track.get("id")))
    )


def _failure(errors: list[Mapping[str, Any]]) -> Failure:
    messages = [text(error.get("message")).strip() for error in errors]
    codes = [text(error.get("type"), limit=100) for error in errors]
    return Failure(
        code=next(filter(None, codes), "unknown"),
        message=" ".join(dict.fromkeys(filter(None, messages))),
        retryable=bool(errors) and all(error.get("retryable") is True for error in errors),
    )


def read_error(
    status: int, body: bytes, headers: Mapping[str, str], *, now: float
) -> MuxRefused | Throttled | OutcomeUnknown:
    """Return (never raise) the error that an answer outside 2xx stands for.

    `headers` must find their names in any case (as httpx's do); `now` is needed for a Retry-After that
    is a date. The body may be any of Mux's three shapes, or a proxy's HTML, whose words are not repeated.
    """
    retry_in = read_retry_after(headers, now=now)
    # A redirect was not followed, so it did nothing; 408 and 5xx leave it open whether something was done.
    if status == 429:  # noqa: PLR2004 - the number is the name
        return Throttled("Mux asks to be asked more slowly", retry_in=retry_in)
    if status == 408 or status >= 500:  # noqa: PLR2004 - as above
        return OutcomeUnknown(f"Mux answered {status}", retry_in=retry_in)
    error = _error_object(body)
    code = text(error.get("type"), limit=100) or _CODES.get(status, f"http_{status}")
    return MuxRefused(status=status, code=code, messages=_messages(error))


def _error_object(body: bytes) -> Mapping[str, Any]:
    try:
        return mapping(parse(body).get("error"))
    except Malformed:
        return {}


# Robots documents one `message`, the Video API and some Robots answers a list of `messages`.
def _messages(error: Mapping[str, Any]) -> tuple[str, ...]:
    several = error.get("messages")
    words = [*several] if isinstance(several, list) else []
    spoken = [text(word).strip() for word in [*words, error.get("message")]]
    return tuple(dict.fromkeys(filter(None, spoken)))


def read_retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the span in seconds that a Retry-After asks for, at most an hour; None without one."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    seconds = _span(value) if value[0].isdigit() else _until(value, now)
    return None if seconds is None else min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)


def _span(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _until(value: str, now: float) -> float | None:
    try:
        then = parsedate_to_datetime(value)
        return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError):
        return None


def read_account(data: Mapping[str, Any]) -> Account:
    """Return what whoami says of the token in use; fields that Mux left out are empty."""
    permissions = data.get("permissions")
    return Account(
        environment_id=text(data.get("environment_id"), limit=255),
        environment_name=text(data.get("environment_name"), limit=255),
        organization_id=text(data.get("organization_id"), limit=255),
        organization_name=text(data.get("organization_name"), limit=255),
        token_name=text(data.get("access_token_name"), limit=255),
        permissions=frozenset(filter(None, map(text, permissions if isinstance(permissions, list) else []))),
    )
