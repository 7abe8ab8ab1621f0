"""Takes files from Slack to Mux, piece by piece, so that they become assets like any other."""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Final, cast

import structlog

from bot.clock import Clock
from bot.errors import MuxRefused, NotDone, OutcomeUnknown, SlackRefused
from bot.mux.accounts import MuxOf
from bot.mux.client import MuxClient
from bot.mux.uploads import ASSET_CREATED, WAITING, MuxUpload
from bot.rules import files, preflight
from bot.rules.files import SlackFile
from bot.rules.jobs import Failure, State
from bot.rules.pacing import Timing
from bot.services import claiming, outbox, uploading
from bot.services.claiming import Claim
from bot.slack.client import SlackClient
from bot.slack.downloads import NOT_SLACKS
from bot.slack.errors import TOKEN_DEAD
from bot.slack.tokens import TokenOf
from bot.store.database import Database
from bot.store.uploads import Upload

_NOT_FOUND: Final = 404
_GONE: Final = frozenset({"file_not_found", "file_deleted", NOT_SLACKS, "http_404", "http_410"})

log = structlog.get_logger(__name__)


class _Unfit(Exception):
    """The file cannot be captioned."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class _NotOurs(Exception):
    """Somebody else has taken the transfer over, or the job was stopped."""


class Uploading:
    """Sends one file at a time; several loops may share one of these.

    Everything it does may be repeated until Mux has made the asset: a file that is sent twice to the same
    address is one file there, and an address that is never used costs nothing. So it may be cancelled, or
    die, at any point. `token_of` gives a workspace's bot token.
    """

    bell = "file"

    def __init__(
        self,
        store: Database,
        slack: SlackClient,
        mux_of: MuxOf,
        clock: Clock,
        *,
        token_of: TokenOf,
        timing: Timing,
        jitter: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda _boundary: None,
    ) -> None:
        self._store = store
        self._slack = slack
        self._mux_of = mux_of
        self._clock = clock
        self._token_of = token_of
        self._timing = timing
        self._jitter = jitter
        self._reached = reached

    async def step(self) -> int:
        """Deal with one file, as long as it takes; 0 when none is due."""
        taken = await self._store.transaction(
            claiming.claim, self.bell, owner=secrets.token_hex(8), timing=self._timing
        )
        if taken is None:
            return 0
        self._reached("upload.claimed")
        await self._perform(taken)
        self._reached("upload.finished")
        return 1

    async def due_in(self) -> float | None:
        """Return the seconds until the next file may be claimed."""
        return await self._store.transaction(claiming.due_in, self.bell)

    async def _perform(self, taken: Claim) -> None:
        job = taken.stored.job
        if job.state is not State.REQUESTED:
            await self._store.transaction(outbox.settled, taken)
            return
        try:
            await self._advance(taken)
        except _NotOurs:
            log.info("mux.upload_left", job=job.id)
            await self._store.transaction(outbox.settled, taken)
        except _Unfit as unfit:
            await self._refuse(taken, unfit.failure)
        except SlackRefused as error:
            await self._refuse(taken, _failure(error))
        except MuxRefused as error:
            failure = Failure(
                code=preflight.UPLOAD_REFUSED, message=str(error), retryable=True, status=error.status
            )
            await self._refuse(taken, failure)
        except (NotDone, OutcomeUnknown) as error:
            log.info("mux.upload_unfinished", job=job.id, error=str(error))
            await self._store.transaction(
                uploading.unanswered, taken, error=str(error), retry_in=error.retry_in, jitter=self._jitter()
            )

    async def _advance(self, taken: Claim) -> None:
        """Do what is next for the file: a place at Mux, its bytes, its asset."""
        known = await self._known(taken)
        if known is not None and known.asset_id:
            await self._store.transaction(uploading.arrived, taken, known.asset_id)
            return
        file = None
        if known is None:
            file = await self._describe(taken)
            known = await self._open(taken, file)
        status = await self._status(taken, known)
        if status.status == WAITING and known.sent_at is None:
            await self._transfer(taken, file or await self._describe(taken), known)
            status = await self._status(taken, known)
        await self._conclude(taken, status)

    async def _known(self, taken: Claim) -> Upload | None:
        """Return how far the file is; an asset that was deleted at Mux since is not counted."""
        known = await self._store.transaction(uploading.known, taken)
        if known is None or not known.asset_id:
            return known
        try:
            await (await self._mux(taken)).asset(known.asset_id)
        except MuxRefused as error:
            if error.status != _NOT_FOUND:
                raise
            await self._store.transaction(uploading.forgotten, taken)
            return None
        return known

    async def _describe(self, taken: Claim) -> SlackFile:
        pointer = taken.stored.job.pointer
        file_id = taken.stored.job.request.asset_id if pointer is None else pointer.id
        file = await self._slack.file_info(await self._token(taken), file_id)
        failure = files.obstacle(file)
        if failure is not None:
            raise _Unfit(failure)
        return file

    async def _open(self, taken: Claim, file: SlackFile) -> Upload:
        """Get a place for the file at Mux. One that is lost before it is written down stays empty."""
        made = await (await self._mux(taken)).create_upload(file.name, taken.stored.passthrough)
        self._reached("upload.opened")
        opened = await self._store.transaction(uploading.opened, taken, upload_id=made.id, url=made.url)
        if opened is None:
            raise _NotOurs
        return opened

    async def _status(self, taken: Claim, known: Upload) -> MuxUpload:
        try:
            return await (await self._mux(taken)).upload_status(known.upload_id)
        except MuxRefused as error:
            if error.status == _NOT_FOUND:
                await self._store.transaction(uploading.forgotten, taken)
                raise OutcomeUnknown("Mux does not know that upload any more") from error
            raise

    async def _transfer(self, taken: Claim, file: SlackFile, known: Upload) -> None:
        counted = _Counted(file.size)
        download = self._slack.download(await self._token(taken), file.url)
        try:
            async with aclosing(cast("AsyncGenerator[bytes, None]", download)) as pieces:
                watched = counted.pass_on(self._kept(taken, pieces))
                await (await self._mux(taken)).upload(
                    known.url, watched, length=file.size, media_type=file.media_type
                )
        except (MuxRefused, OutcomeUnknown) as error:
            # When every byte has gone, or the place takes none, there may be an asset: that decides.
            if isinstance(error, OutcomeUnknown) and not counted.complete:
                raise
            log.warning("mux.upload_unsure", job=taken.stored.job.id, error=str(error))
        self._reached("upload.sent")
        if not await self._store.transaction(uploading.sent, taken):
            raise _NotOurs

    async def _kept(self, taken: Claim, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Pass the pieces on, and keep the claim while they come."""
        renewed_at = self._clock.monotonic()
        async for piece in pieces:
            if self._clock.monotonic() - renewed_at >= self._timing.lease / 3:
                renewed_at = self._clock.monotonic()
                if not await self._store.transaction(uploading.renewed, taken, timing=self._timing):
                    raise _NotOurs
            yield piece

    async def _conclude(self, taken: Claim, status: MuxUpload) -> None:
        if status.status == ASSET_CREATED and status.asset_id:
            log.info("mux.uploaded", job=taken.stored.job.id, asset=status.asset_id)
            await self._store.transaction(uploading.arrived, taken, status.asset_id)
        elif status.status in {WAITING, ASSET_CREATED}:
            await self._store.transaction(uploading.waiting, taken, jitter=self._jitter())
        else:
            await self._store.transaction(uploading.forgotten, taken)
            said = status.said or status.status
            await self._refuse(taken, Failure(code=preflight.UPLOAD_FAILED, message=said, retryable=True))

    async def _refuse(self, taken: Claim, failure: Failure) -> None:
        log.info("mux.file_unfit", job=taken.stored.job.id, code=failure.code)
        await self._store.transaction(uploading.refused, taken, failure)

    async def _token(self, taken: Claim) -> str:
        return await self._token_of(taken.stored.job.team_id)

    async def _mux(self, taken: Claim) -> MuxClient:
        return await self._mux_of(taken.stored.mux_account)


class _Counted:
    """Counts what passes; more or less than was announced is no whole file."""

    def __init__(self, announced: int) -> None:
        self._announced = announced
        self._passed = 0

    @property
    def complete(self) -> bool:
        """Whether every byte has been handed on."""
        return self._passed == self._announced

    async def pass_on(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self._passed += len(piece)
            if self._passed > self._announced:
                raise OutcomeUnknown("Slack sent more bytes than it had announced")
            yield piece
        if not self.complete:
            raise OutcomeUnknown("Slack sent fewer bytes than it had announced")


def _failure(error: SlackRefused) -> Failure:
    if error.code == "missing_scope":
        return Failure(code=preflight.FILES_SCOPE, message=error.needed, retryable=True)
    if error.code in _GONE:
        return Failure(code=preflight.FILE_GONE, message="")
    # A revoked token is for the operator to mend, and then the file can be read.
    retryable = error.code in TOKEN_DEAD
    return Failure(code=preflight.FILE_UNREAD, message=error.code, retryable=retryable)
