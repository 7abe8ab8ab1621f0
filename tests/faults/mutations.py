"""The bot with one of its guards taken away, to prove that the harness would notice."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from bot.mux import wire
from bot.mux.client import MuxClient
from bot.rules.effects import Action, Kind, channel_lane
from bot.rules.jobs import TARGET, Report, is_finished
from bot.rules.pacing import Timing
from bot.services import claiming, inbox, progress
from bot.services.claiming import Claim
from bot.store import effects, jobs
from bot.store.database import Database
from bot.store.inbox import Filed
from bot.store.tx import Tx

MUTATIONS: Final = ("none", "intent", "lookup", "dedupe")


def databases() -> dict[str, type[Database]]:
    """Return the database class of every mutation."""
    return {"none": Database, "intent": WithoutIntent, "lookup": Database, "dedupe": WithoutMemory}


def mux_clients() -> dict[str, type[MuxClient]]:
    """Return the Mux client class of every mutation."""
    return {"none": MuxClient, "intent": MuxClient, "lookup": Blind, "dedupe": MuxClient}


class _Swapped(Database):
    """A database that runs another function in the place of some."""

    swapped: dict[Callable[..., Any], Callable[..., Any]]

    async def transaction(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await super().transaction(self.swapped.get(work, work), *args, **kwargs)


class WithoutIntent(_Swapped):
    """Nothing is written down before a request that cannot be repeated."""

    @property
    def swapped(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        return {
            claiming.claim: _claim_without_intent,
            inbox.apply_and_claim: _apply_and_claim_without_intent,
        }


class WithoutMemory(_Swapped):
    """Each delivery of a webhook is an event of its own, and each end of a job is told under its event."""

    @property
    def swapped(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        return {
            inbox.file: _file_as_new,
            inbox.apply: _apply_and_tell,
            inbox.apply_and_claim: _apply_tell_and_claim,
        }


class Blind(MuxClient):
    """The look-up by passthrough never finds anything."""

    async def copies(
        self, asset_id: str, passthrough: str, *, newest: int = 20, since: float | None = None
    ) -> list[Report]:
        del asset_id, passthrough, newest, since
        return []


def _claim_without_intent(tx: Tx, queue: str, *, owner: str, timing: Timing) -> Claim | None:
    taken = claiming.claim(tx, queue, owner=owner, timing=timing)
    if taken is not None and taken.action is Action.SEND:
        effects.disbelieve(tx, taken.effect.id)
    return taken


def _apply_and_claim_without_intent(tx: Tx, filed: Filed, *, owner: str, timing: Timing) -> Claim | None:
    inbox.apply(tx, filed)
    return _claim_without_intent(tx, "slack", owner=owner, timing=timing)


def _apply_tell_and_claim(tx: Tx, filed: Filed, *, owner: str, timing: Timing) -> Claim | None:
    _apply_and_tell(tx, filed)
    return claiming.claim(tx, "slack", owner=owner, timing=timing)


def _file_as_new(tx: Tx, *, account: str, event: wire.Event, raw: bytes) -> Filed | None:
    return inbox.file(
        tx, account=account, event=replace(event, id=f"{event.id}:{secrets.token_hex(4)}"), raw=raw
    )


def _apply_and_tell(tx: Tx, filed: Filed) -> bool:
    report = wire.read_event(filed.payload.encode()).report
    row_id = None
    if report is not None and is_finished(TARGET[report.signal]):
        account = filed.source.removeprefix("mux:")
        row_id = jobs.find(tx, account=account, mux_id=report.mux_id, passthrough=report.passthrough)
    told_before = row_id is not None and is_finished(jobs.get(tx, row_id).job.state)
    applied = inbox.apply(tx, filed)
    if row_id is not None and told_before:
        stored = jobs.get(tx, row_id)
        effects.add(
            tx,
            key=progress.key(stored, f"result:{filed.event_id}"),
            kind=Kind.RESULT,
            lane=channel_lane(stored.job.team_id, stored.job.channel_id),
            job_id=row_id,
            target=stored.job.channel_id,
        )
    return applied
