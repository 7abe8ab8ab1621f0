"""Compares what the sandbox holds at the end with what should have come of what people asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

FILES: Final = (".srt", ".vtt", ".txt", ".report.txt", ".timeline.png")
"""How the names of the files end that every finished job shares, each of them once."""

_ENDS: Final = {"completed": ": Done", "errored": ": Failed", "cancelled": ": Cancelled"}


@dataclass(slots=True, kw_only=True)
class Asked:
    """One command; its `phrase` is in no other, so that it marks the job that came of it.

    `cancelled` is our id of the job when somebody wished to stop it.
    """

    phrase: str
    channel: str
    acked: bool = False
    cancelled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What people asked for, every job at the local Mux, and the state of the local Slack."""

    asked: list[Asked]
    jobs: list[dict[str, Any]]
    state: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was wrong, by kind; `healed` counts copies of messages that were there once and are gone.

    `jobs` were paid, `unpaid` ones were cancelled before that.
    """

    doubles: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    healed: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    jobs: int = 0
    unpaid: int = 0

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not self.doubles and not self.losses

    def doubled(self, what: str, remark: str) -> None:
        """Count something that is there more than once."""
        self.doubles[what] += 1
        self.remarks.append(f"doubled {what}: {remark}")

    def lost(self, what: str, remark: str) -> None:
        """Count something that is missing or wrong."""
        self.losses[what] += 1
        self.remarks.append(f"lost {what}: {remark}")


def judge(evidence: Evidence) -> Verdict:
    """Return the verdict on a run.

    An answered command made one paid job, one card and one result, in the channel where it was typed, the
    result in the card's thread, the card telling the end, and if it went well each of its files in the thread
    once. An unanswered one made all of it or nothing. A
    job that was cancelled in time was never paid, and all the same told.
    """
    verdict = Verdict()
    created = _by_phrase(evidence.jobs)
    said = _Said(evidence.state, verdict)
    for asked in evidence.asked:
        jobs = created.pop(asked.phrase, [])
        if len(jobs) > 1:
            verdict.doubled("paid jobs", f"{asked.phrase}: {[job['id'] for job in jobs]}")
        if not jobs and asked.cancelled:
            verdict.unpaid += 1
            said.check(asked.cancelled, "cancelled", asked.channel)
        elif not jobs and asked.acked:
            verdict.lost("paid jobs", asked.phrase)
        if jobs:
            verdict.jobs += 1
            said.check(jobs[0]["passthrough"].rpartition(":")[2], jobs[0]["status"], asked.channel)
    for phrase in created:
        verdict.doubled("paid jobs", f"nobody asked for {phrase}")
    said.check_rest()
    return verdict


def _by_phrase(jobs: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for job in jobs:
        found[job["parameters"]["phrases"][0]].append(job)
    return dict(found)


class _Shared:
    """The files that the bot has shared, by the thread that they are in."""

    def __init__(self, state: dict[str, Any], verdict: Verdict) -> None:
        self._verdict = verdict
        self._names: dict[str, list[str]] = defaultdict(list)
        known = {file["id"]: file.get("name") for file in state["files"]}
        for channel in state["channels"]:
            for message in channel["messages"]:
                for file_id in () if message["deleted"] else message["files"]:
                    if known.get(file_id) is None:
                        verdict.healed["files"] += 1
                    elif message["thread_ts"]:
                        self._names[message["thread_ts"]].append(known[file_id])

    def check(self, public_id: str, thread_ts: str) -> None:
        """Judge the files of one job that went well."""
        found = Counter(_end(name) for name in self._names[thread_ts])
        for end in FILES:
            if not found[end]:
                self._verdict.lost("files", f"{public_id} has no {end} in its thread")
        for end, times in found.items():
            if times > 1:
                self._verdict.doubled("files", f"{public_id} has {times} times {end}")


def _end(name: str) -> str:
    """Return what kind of file a name means: its longest known end."""
    return max((end for end in FILES if name.endswith(end)), key=len, default=name)


class _Said:
    """The bot's messages by job and kind."""

    def __init__(self, state: dict[str, Any], verdict: Verdict) -> None:
        self._verdict = verdict
        self._there: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self._known: set[str] = set()
        self._files = _Shared(state, verdict)
        for channel in state["channels"]:
            for message in channel["messages"]:
                payload = ((message["metadata"] or {}).get("event_payload")) or {}
                if "job" not in payload:
                    continue
                if message["deleted"]:
                    verdict.healed[f"{payload['kind']}s"] += 1
                else:
                    self._there[payload["job"], payload["kind"]].append(message)

    def check(self, public_id: str, status: str, channel: str) -> None:
        """Judge what was said about one job, which is in `status` at Mux."""
        self._known.add(public_id)
        card, result = self._one(public_id, "card"), self._one(public_id, "result")
        if status not in _ENDS:
            self._verdict.lost("ends", f"{public_id} is {status} at Mux")
            return
        if card is not None and card["channel"] != channel:
            self._verdict.lost("places", f"the card of {public_id} is in {card['channel']}, not {channel}")
        if card is not None and _ENDS[status] not in card["text"]:
            self._verdict.lost("final cards", f"{public_id} is {status}, its card: {card['text']}")
        if card is not None and result is not None and result["thread_ts"] != card["ts"]:
            self._verdict.lost("places", f"the result of {public_id} is not in its thread")
        if card is not None and status == "completed":
            self._files.check(public_id, card["ts"])

    def _one(self, public_id: str, kind: str) -> dict[str, Any] | None:
        messages = self._there[public_id, kind]
        if len(messages) > 1:
            where = [(message["ts"], message["thread_ts"]) for message in messages]
            self._verdict.doubled(f"{kind}s", f"{public_id}: {where}")
        if not messages:
            self._verdict.lost(f"{kind}s", public_id)
            return None
        return messages[0]

    def check_rest(self) -> None:
        """Judge messages about jobs that Mux does not know: their create was lost."""
        for public_id in sorted({public_id for public_id, _ in self._there} - self._known):
            self._verdict.lost("paid jobs", f"{public_id} has a card, and Mux knows nothing of it")
