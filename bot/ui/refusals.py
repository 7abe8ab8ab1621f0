"""What a no from Mux means for the person who asked: what happened, what it cost, what to do next.

Mux answers a create with an HTTP error, or gives up later on a job that it took; both are explained here.
Performs no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.rules import preflight
from bot.rules.jobs import Failure
from bot.rules.mending import says_taken
from bot.rules.request import CaptionRequest, Replace
from bot.ui import advice, unfit
from bot.ui.blame import Blame, blame
from bot.ui.mrkdwn import code, link, plain, sentences
from bot.ui.wording import units

_FREE: Final = "Nothing was charged: Mux refused before any work began."
_FREE_409: Final = "Nothing was charged for asking again."
_UNSURE: Final = "Whether Mux charged anything is not known."

_DASHBOARD: Final = re.compile(r"https://dashboard\.mux\.com/[A-Za-z0-9/_\-]*")
_PLAYBACK: Final = re.compile(r"playback", re.IGNORECASE)
_MISSING: Final = re.compile(
    r"\b(?:not found|no such|not exist|not find|unknown|unable to find|missing)\b", re.IGNORECASE
)
_ASSET: Final = re.compile(r"\basset", re.IGNORECASE)
_TIMEOUT_CODES: Final = frozenset({"timeout", "time_out", "request_timeout", "gateway_timeout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A failure in plain words; all but `parameter` is mrkdwn that may be shown as it is.

    `parameter` is the field that is to blame, as Mux spells it, so that a form can show the sentence
    beside it; None when no single field is.
    """

    parameter: str | None
    said: str
    next_step: str
    charged: str


_Kind = Callable[[Failure, CaptionRequest], Explanation]


def explain(failure: Failure, request: CaptionRequest, *, units_consumed: int = 0) -> Explanation:
    """Explain why `request` got no captions; `units_consumed` is what Mux reports for a job that ran."""
    if failure.code.startswith(preflight.PREFIX):
        return _unfit(failure, request)
    if failure.status is None:
        return _explain_job(failure, request, units_consumed)
    return _kind(failure)(failure, request)


def charged(units_consumed: int) -> str:
    """Say what a job that ran has cost."""
    return f"Mux charged {units(units_consumed)}." if units_consumed else "Mux reports 0 units used."


def _kind(failure: Failure) -> _Kind:
    """Pick the explanation: Mux's own code first, because one status stands for many reasons."""
    status = failure.status or 0
    if failure.code in _TIMEOUT_CODES or status in {408, 504}:
        return _no_answer
    if status in {401, 403} and failure.code in _BY_CODE:
        return _BY_CODE[failure.code]
    return _server_trouble if status >= 500 else _BY_STATUS.get(status, _unknown)  # noqa: PLR2004 - HTTP


def _explain_job(failure: Failure, request: CaptionRequest, units_consumed: int) -> Explanation:
    cost = charged(units_consumed)
    quoted = _quoted(failure)
    if says_taken(failure.message):
        said = "Mux made the captions but could not attach them: a track of that language or name is there."
        return Explanation(
            parameter="replace", said=sentences(said, quoted), next_step=_choices(request), charged=cost
        )
    found = blame(failure.message, request) if failure.code == "validation_error" else Blame(parameter=None)
    retry = (
        advice.CAN_RETRY if failure.retryable else advice.NO_RETRY.get(failure.code, advice.NO_RETRY_UNKNOWN)
    )
    said = advice.JOB_FAILED.get(failure.code) or advice.JOB_FAILED_UNKNOWN.format(
        code=code(failure.code, 60)
    )
    if found.parameter:
        said, retry = _not_accepted(found, request), advice.fix(found, request)
    return Explanation(parameter=found.parameter, said=sentences(said, quoted), next_step=retry, charged=cost)


def _invalid(failure: Failure, request: CaptionRequest) -> Explanation:
    found = blame(failure.message, request)
    if found.parameter is None and says_taken(failure.message):
        return _taken(failure, request)
    return Explanation(
        parameter=found.parameter,
        said=sentences(_not_accepted(found, request), _quoted(failure)),
        next_step=advice.fix(found, request),
        charged=_FREE,
    )


def _not_accepted(found: Blame, request: CaptionRequest) -> str:
    return f"Mux did not accept {advice.named(found, request)}."


def _token(failure: Failure, _: CaptionRequest) -> Explanation:
    return _free(
        failure,
        "Mux did not accept this bot's access token.",
        "Ask an administrator to check `MUX_TOKEN_ID` and `MUX_TOKEN_SECRET`, then run the command again.",
    )


def _scope(failure: Failure, _: CaptionRequest) -> Explanation:
    return _free(
        failure,
        "This bot's Mux access token may not start Robots jobs.",
        "Ask an administrator to make a new Mux access token with the `robots:*` permission; it cannot be "
        "added to an existing token.",
    )


def _terms(failure: Failure, _: CaptionRequest) -> Explanation:
    page = _DASHBOARD.search(failure.message)
    where = link(page.group(), "the Robots page of the Mux dashboard") if page else "the Mux dashboard"
    return _free(
        failure,
        "Mux does not allow Robots jobs in this environment yet; most often its terms are not accepted.",
        f"Ask an administrator to accept the Robots terms on {where}, then run the command again.",
    )


def _units_limit(failure: Failure, request: CaptionRequest) -> Explanation:
    cheaper = "The same job without word timings costs less and may fit. " if request.include_words else ""
    return _free(
        failure,
        "This job needs more units than the Mux plan has left.",
        f"{cheaper}A shorter video may still fit; otherwise wait until the allowance is renewed, or ask an "
        "administrator to change the plan.",
    )


def _workflow(failure: Failure, _: CaptionRequest) -> Explanation:
    return _free(
        failure,
        "The Mux plan of this environment does not include premium captions.",
        "Ask an administrator to change the plan in the Mux dashboard.",
    )


def _forbidden(failure: Failure, _: CaptionRequest) -> Explanation:
    return _free(
        failure,
        f"Mux does not allow this job ({code(failure.code, 60)}).",
        "Ask an administrator to check the plan, the terms and the token's permissions in the Mux dashboard.",
    )


def _not_found(failure: Failure, request: CaptionRequest) -> Explanation:
    if _ASSET.search(failure.message):
        return _no_asset(failure, request)
    return _free(
        failure,
        "Mux has no premium captions at the address this bot uses.",
        "Ask an administrator to check `MUX_BASE_URL` and `MUX_ROBOTS_VERSION`.",
    )


def _conflict(failure: Failure, _: CaptionRequest) -> Explanation:
    return Explanation(
        parameter=None,
        said=sentences("The same job is already running at Mux.", _quoted(failure)),
        next_step="Wait until it has finished. For different captions, change the language or an option.",
        charged=_FREE_409,
    )


def _unprocessable(failure: Failure, request: CaptionRequest) -> Explanation:
    if _PLAYBACK.search(failure.message):
        return _free(
            failure,
            f"The asset {code(request.asset_id)} has no public or signed playback ID, which Mux needs to "
            "read its sound.",
            "Add a public or signed playback ID to the asset in the Mux dashboard, then run the command "
            "again; a DRM playback ID is not enough.",
            parameter="asset_id",
        )
    if says_taken(failure.message):
        return _taken(failure, request)
    if _ASSET.search(failure.message) and _MISSING.search(failure.message):
        return _no_asset(failure, request)
    return _invalid(failure, request)


def _taken(failure: Failure, request: CaptionRequest) -> Explanation:
    said = "The asset already has a text track of that language or name."
    return _free(failure, said, _choices(request), parameter="replace")


def _no_asset(failure: Failure, request: CaptionRequest) -> Explanation:
    return _free(
        failure,
        f"Mux has no asset {code(request.asset_id)} in this bot's environment.",
        "Copy the asset ID from the Mux dashboard, and check that the asset is in the same Mux environment "
        "as this bot.",
        parameter="asset_id",
    )


def _too_many(failure: Failure, _: CaptionRequest) -> Explanation:
    return _free(
        failure,
        "Mux is getting too many requests from this environment.",
        "Wait a minute, then run the command again.",
    )


def _server_trouble(failure: Failure, _: CaptionRequest) -> Explanation:
    return _unsure(failure, f"Mux had a fault of its own (HTTP {failure.status}).")


def _no_answer(failure: Failure, _: CaptionRequest) -> Explanation:
    return _unsure(failure, "Mux did not answer in time.")


def _unknown(failure: Failure, _: CaptionRequest) -> Explanation:
    answer = f"HTTP {failure.status}, {code(failure.code, 60)}"
    return _unsure(failure, f"Mux refused the job with an answer that this bot does not know ({answer}).")


def _unfit(failure: Failure, request: CaptionRequest) -> Explanation:
    """Explain what was found before anything was sent; its words are ours, not Mux's."""
    known = unfit.UNFIT.get(failure.code, unfit.UNKNOWN)
    detail = failure.message or failure.code.removeprefix(preflight.PREFIX)
    words = {"asset": code(request.asset_id), "detail": code(detail, 200)}
    in_the_way = failure.code == preflight.CONFLICT
    return Explanation(
        parameter=known.parameter,
        said=known.said.format(**words),
        next_step=_choices(request) if in_the_way else known.next_step,
        charged=unfit.FREE,
    )


def _free(failure: Failure, said: str, next_step: str, *, parameter: str | None = None) -> Explanation:
    return Explanation(
        parameter=parameter, said=sentences(said, _quoted(failure)), next_step=next_step, charged=_FREE
    )


def _unsure(failure: Failure, said: str) -> Explanation:
    return Explanation(
        parameter=None,
        said=sentences(said, _quoted(failure)),
        next_step="Look for the job in the Mux dashboard before you run the command again, so that it is not "
        "paid for twice.",
        charged=_UNSURE,
    )


def _quoted(failure: Failure) -> str:
    """Return Mux's own words, which often name what our table cannot know."""
    words = plain(failure.message, 600).rstrip(". ")
    return f"Mux's own words: “{words}”." if words else ""


def _choices(request: CaptionRequest) -> str:
    """Name the ways around a track that is in the way."""
    return advice.CHOICES_GENERATED if request.replace is Replace.GENERATED else advice.CHOICES


_BY_CODE: Final[dict[str, _Kind]] = {
    "insufficient_scope": _scope,
    "forbidden": _terms,
    "robots_units_limit_exceeded": _units_limit,
    "robots_workflow_not_available": _workflow,
}
_BY_STATUS: Final[dict[int, _Kind]] = {
    400: _invalid,
    401: _token,
    403: _forbidden,
    404: _not_found,
    409: _conflict,
    422: _unprocessable,
    429: _too_many,
}
