"""The jobs at Mux that a job of ours can be, behind one face: captions are made, or words in them fixed."""

from __future__ import annotations

from bot.mux.client import MuxClient
from bot.rules.fixing import report_of
from bot.rules.jobs import Job, Report
from bot.store.jobs import StoredJob


async def create(mux: MuxClient, stored: StoredJob) -> Report:
    """Start the job at Mux, which costs money; raises what `MuxClient.create` does."""
    if stored.job.edit is None:
        return await mux.create(stored.job.request, stored.passthrough)
    return report_of(await mux.edit_captions(stored.job.edit, stored.passthrough))


async def get(mux: MuxClient, job: Job) -> Report:
    """Return the job as it is at Mux now."""
    mux_id = job.mux_id or ""
    return await mux.get(mux_id) if job.edit is None else report_of(await mux.edit(mux_id))


async def copies(mux: MuxClient, stored: StoredJob, *, since: float | None) -> list[Report]:
    """Return every job at Mux under this job's stamp, oldest first."""
    asset_id = stored.job.request.asset_id
    if stored.job.edit is None:
        return await mux.copies(asset_id, stored.passthrough, since=since)
    return list(map(report_of, await mux.edit_copies(asset_id, stored.passthrough, since=since)))


async def running(mux: MuxClient, job: Job) -> list[Report]:
    """Return the unfinished jobs at Mux that do the same work, newest first."""
    if job.edit is None:
        return await mux.running(job.request.asset_id, like=job.request)
    return list(map(report_of, await mux.edits_running(job.edit.asset_id, like=job.edit)))
