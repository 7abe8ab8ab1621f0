"""Words are fixed by jobs of their own, one at a time, and the captions follow."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules import limits
from bot.rules.archive import TrackState
from bot.rules.channel import ChannelOptions
from bot.rules.edits import CaptionEdit, SpeakerEdit, WordEdit
from bot.rules.fixing import Fixed, Outcome
from bot.rules.jobs import Job, ReplacedTrack, Report, Signal, State
from bot.rules.jobs import Outcome as JobOutcome
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.rules.restoring import Outcome as Restoring
from bot.rules.restoring import Restore, Wished
from bot.rules.saving import SIGNED, SavedTrack
from bot.rules.video import Video
from bot.services import captions, channel_settings, differing, fixing, progress, restoring
from bot.services.captions import Ask
from bot.services.fixing import Opened, Wish
from bot.store import archive, effects, files, jobs
from bot.store.database import Database

ANA = Asker(team_id="T1", user_id="U1", channel_id="C1")
BEN = Asker(team_id="T1", user_id="U2", channel_id="C1")
STRANGER = Asker(team_id="T1", user_id="U3", channel_id="C9")
SRT = b"1\n00:00:00,000 --> 00:00:01,000\n[speaker_0] Hello mucks\n"
VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000\n[speaker_0] Hello mucks\n"


def edit(track_id: str = "t1", new: str = "Mux", **more: Any) -> CaptionEdit:
    words = (WordEdit(find="mucks", replace=new),)
    return CaptionEdit(asset_id="a1", track_id=track_id, words=words, **more)


def wish(job: Job, key: str = "view1", asker: Asker = ANA, **changes: Any) -> Wish:
    return Wish(asker=asker, job_id=job.id, edit=edit(**changes), key=key)


def ask(key: str = "act1", **changes: Any) -> Ask:
    wanted = {
        "request": CaptionRequest(asset_id="a1", language_code="en"),
        "request_key": key,
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "mux_account": "default",
    }
    return Ask(**{**wanted, **changes})


def end(tx: Any, job: Job, **outcome: Any) -> None:
    stored = jobs.by_public_id(tx, job.id)
    assert stored is not None
    made = JobOutcome(**{"language_code": "en", "track_id": "t1", **outcome})
    report = Report(signal=Signal.COMPLETED, mux_id=f"m-{job.id}", outcome=made)
    progress.apply(tx, stored.row_id, report)


def put(tx: Any, job: Job, kind: str, content: bytes) -> None:
    stored = jobs.by_public_id(tx, job.id)
    assert stored is not None
    archive.begin(tx, stored.row_id, mux_account="default", track_id="t1")
    files.put(tx, stored.row_id, files.pack(kind=kind, name="x", media_type="text/vtt", content=content))


def card_is_out(tx: Any, job: Job) -> None:
    card = effects.by_key(tx, f"{job.id}:card")
    assert card is not None
    effects.converge(
        tx, card.id, have=card.want, ext_id="100.1", ext_channel="C1", lane="edit:T1", look_again_at=tx.now
    )


async def row(store: Database, job: Job) -> Any:
    found = await store.transaction(jobs.by_public_id, job.id)
    assert found is not None
    return found


@pytest.fixture
async def done(store: Database) -> Job:
    """Return a finished job whose captions are kept and whose card is out."""
    job = (await store.transaction(captions.request, ask())).job
    await store.transaction(card_is_out, job)
    await store.transaction(end, job)
    await store.transaction(put, job, "srt", SRT)
    return (await row(store, job)).job


async def test_a_fix_is_a_job_in_the_thread_of_the_captions(store: Database, done: Job) -> None:
    fixed = await store.transaction(fixing.fix, wish(done))
    assert (fixed.outcome, fixed.other.edit, fixed.other.edit_of) == (Outcome.STARTED, edit(), done.id)
    assert (fixed.other.thread_ts, fixed.other.channel_id) == ("100.1", "C1")
    assert fixed.other.request.language_code == "en"
    stored = await row(store, fixed.other)
    assert stored.passthrough.startswith("captionbot:")
    found = {effect.kind.value for effect in await store.transaction(effects.of_job, stored.row_id)}
    assert found == {"mux.prepare", "mux.create", "slack.card"}


async def test_one_view_is_one_fix_and_the_same_fix_is_joined(store: Database, done: Job) -> None:
    first = await store.transaction(fixing.fix, wish(done))
    again = await store.transaction(fixing.fix, wish(done))
    other_view = await store.transaction(fixing.fix, wish(done, key="view2"))
    assert (again.outcome, again.other.id) == (Outcome.STARTED, first.other.id)
    assert (other_view.outcome, other_view.other.id) == (Outcome.JOINED, first.other.id)


async def test_another_fix_of_the_same_track_has_to_wait(store: Database, done: Job) -> None:
    first = await store.transaction(fixing.fix, wish(done))
    second = await store.transaction(fixing.fix, wish(done, key="view2", new="MUX"))
    assert (second.outcome, second.other.id) == (Outcome.BUSY, first.other.id)


async def test_who_may_not_is_told_and_who_may_not_even_know_learns_nothing(store, done) -> None:
    for asker, outcome in ((BEN, Outcome.DENIED), (STRANGER, Outcome.UNKNOWN)):
        assert (await store.transaction(fixing.fix, wish(done, asker=asker))).outcome is outcome
        found = await store.transaction(fixing.opened, done.id, asker, can_sign=False)
        assert isinstance(found, Fixed)
        known = await store.transaction(fixing.known, done.id, asker)
        assert isinstance(known, Fixed)
        assert (known.outcome, known.job is None) == (outcome, asker is STRANGER)
    unknown = await store.transaction(fixing.opened, "nothing", ANA, can_sign=False)
    assert unknown == Fixed(outcome=Outcome.UNKNOWN)


async def test_the_form_knows_the_speakers_and_whether_the_track_can_be_saved(store, done) -> None:
    opened = await store.transaction(fixing.opened, done.id, ANA, can_sign=False)
    assert isinstance(opened, Opened)
    assert [speaker.label for speaker in opened.form.speakers] == ["speaker_0"]
    assert (opened.form.track_id, opened.problem, opened.unread) == ("t1", "", False)
    stored = await row(store, done)
    video = Video(asset_id="a1", playback_id="p", policy="signed")
    await store.transaction(jobs.note, stored.row_id, video=video)
    signed = await store.transaction(fixing.opened, done.id, ANA, can_sign=False)
    assert signed.problem == SIGNED
    job, found = await store.transaction(fixing.known, done.id, ANA)
    assert (job.id, len(found.cues)) == (done.id, 1)


async def test_captions_without_files_or_with_broken_ones_are_fixed_without_names(store: Database) -> None:
    job = (await store.transaction(captions.request, ask())).job
    await store.transaction(end, job)
    opened = await store.transaction(fixing.opened, job.id, ANA, can_sign=True)
    assert (opened.form.speakers, opened.unread) == ((), True)
    await store.transaction(put, job, "vtt", b"<html>")
    assert (await store.transaction(fixing.known, job.id, ANA))[1] is None
    await store.transaction(put, job, "srt", SRT)
    assert (await store.transaction(fixing.known, job.id, ANA))[1] is not None
    fixed = await store.transaction(fixing.fix, wish(job))
    assert fixed.other.thread_ts is None


async def test_a_form_about_an_old_track_or_none_starts_nothing(store: Database, done: Job) -> None:
    moved = await store.transaction(fixing.fix, wish(done, track_id="t0"))
    assert moved.outcome is Outcome.MOVED
    stored = await row(store, done)
    back = Restore(by="U1", at=1.0, done_at=2.0)
    await store.transaction(jobs.note, stored.row_id, restore=back)
    assert (await store.transaction(fixing.fix, wish(done))).outcome is Outcome.NO_TRACK
    found = await store.transaction(fixing.opened, done.id, ANA, can_sign=False)
    assert found.outcome is Outcome.NO_TRACK


async def test_the_captions_show_their_new_track_and_keep_the_new_files(store: Database, done: Job) -> None:
    fixed = (await store.transaction(fixing.fix, wish(done))).other
    await store.transaction(end, fixed, track_id="t2")
    stored = await row(store, fixed)

    def follow(tx: Any) -> None:
        parent = fixing.lock_parent(tx, stored)
        fixing.finished(tx, stored, parent)
        new = files.pack(kind="srt", name="y", media_type="text/plain", content=b"new")
        fixing.keep(tx, parent, [new])
        fixing.track_is(tx, fixing.lock_parent(tx, stored), "t2", TrackState.READY, "")
        fixing.track_is(tx, fixing.lock_parent(tx, stored), "t9", TrackState.GONE, "")

    await store.transaction(follow)
    parent = await row(store, done)
    assert (parent.job.outcome.track_id, parent.job.next_job, parent.job.next_by) == ("t2", fixed.id, "U1")
    newest = await store.transaction(files.newest, parent.row_id, "srt")
    assert (newest.version, newest.size) == (2, 3)
    known = await store.transaction(archive.get, parent.row_id)
    assert known.track is TrackState.READY
    # A second time, or for a job that is no fix, nothing happens.
    await store.transaction(fixing.finished, stored, parent)
    await store.transaction(fixing.keep, None, [])
    assert await store.transaction(fixing.lock_parent, parent) is None
    assert (await row(store, done)).job.outcome.track_id == "t2"


async def test_fixed_words_become_the_channels_phrases_once_and_as_many_as_fit(store, done) -> None:
    names = (SpeakerEdit(find="speaker_0", replace="Ana Costa"),)
    asked = Wish(asker=ANA, job_id=done.id, edit=edit(speakers=names), key="view1")
    fixed = (await store.transaction(fixing.fix, asked)).other
    full = tuple(f"phrase {at}" for at in range(limits.MAX_PHRASES - 1))
    await store.transaction(channel_settings.save, ChannelOptions(phrases=full), ANA, mux_account="default")
    first = await store.transaction(fixing.add_phrases, fixed.id, ANA)
    assert (first.added, first.known, first.left_out) == (("Mux",), (), ("Ana Costa",))
    second = await store.transaction(fixing.add_phrases, fixed.id, ANA)
    assert (second.added, second.known, second.left_out) == ((), ("Mux",), ("Ana Costa",))
    saved = await store.transaction(channel_settings.read, team_id="T1", channel_id="C1")
    assert saved.options.phrases == (*full, "Mux")
    assert await store.transaction(fixing.add_phrases, fixed.id, STRANGER) is None
    assert await store.transaction(fixing.add_phrases, done.id, ANA) is None


async def test_new_captions_are_compared_with_those_that_they_replaced(store: Database, done: Job) -> None:
    stored = await row(store, done)
    assert await store.transaction(differing.before, stored) is None
    track = SavedTrack(id="t0", name="English")

    def replaced(tx: Any) -> Any:
        put(tx, done, track.kind, VTT)
        outcome = JobOutcome(track_id="t1", replaced=(ReplacedTrack(id="t0"),))
        jobs.note(tx, stored.row_id, saved=(track,), outcome=outcome)
        return differing.before(tx, jobs.get(tx, stored.row_id))

    found = await store.transaction(replaced)
    assert (found.against.value, found.name, len(found.captions.cues)) == ("replaced", "English", 1)


async def test_a_fix_is_compared_with_the_captions_before_it(store: Database, done: Job) -> None:
    fixed = (await store.transaction(fixing.fix, wish(done))).other
    await store.transaction(end, fixed, track_id="t2")
    found = await store.transaction(differing.before, await row(store, fixed))
    assert (found.against.value, found.name) == ("edited", done.id)


async def test_captions_made_again_are_compared_with_the_same_channels_earlier_ones(store, done) -> None:
    others = (
        ("act2", {"request": CaptionRequest(asset_id="a1", language_code="en-GB")}),
        ("act3", {"request": CaptionRequest(asset_id="a1", language_code="de")}),
        ("act4", {"channel_id": "C2"}),
    )
    found = []
    for key, changes in others:
        job = (await store.transaction(captions.request, ask(key, **changes))).job
        await store.transaction(end, job, language_code=job.request.language_code)
        found.append(await store.transaction(differing.before, await row(store, job)))
    assert [each and (each.against.value, each.name) for each in found] == [("earlier", done.id), None, None]


async def put_back(store: Database, job: Job, **changes: Any) -> Wished:
    return await store.transaction(restoring.wish, job.id, changes.get("asker", ANA), public_url="https://b")


async def test_who_may_not_or_has_nothing_to_put_back_is_told(store: Database, done: Job) -> None:
    assert (await put_back(store, done)).outcome is Restoring.NOTHING
    assert (await put_back(store, done, asker=BEN)).outcome is Restoring.DENIED
    assert await put_back(store, done, asker=STRANGER) == Wished(outcome=Restoring.UNKNOWN)


async def test_after_two_fixes_the_newest_track_gives_way_to_the_first(store: Database, done: Job) -> None:
    fixes = []
    for number in (1, 2):
        track = f"t{number}"
        wanted = wish(done, key=f"view{number}", track_id=track)
        fixed = (await store.transaction(fixing.fix, wanted)).other

        def finish(tx: Any, fixed: Job = fixed, track: str = track, new: str = f"t{number + 1}") -> None:
            end(tx, fixed, track_id=new, replaced=(ReplacedTrack(id=track),))
            stored = jobs.by_public_id(tx, fixed.id)
            saved = SavedTrack(id=track, name="English")
            put(tx, fixed, saved.kind, VTT)
            jobs.note(tx, stored.row_id, saved=(saved,))
            fixing.finished(tx, stored, fixing.lock_parent(tx, stored))

        await store.transaction(finish)
        fixes.append(fixed)
    first, _ = fixes
    wished = await put_back(store, first)
    assert (wished.outcome, wished.job.restore.replacing) == (Restoring.STARTED, "t3")


async def test_a_fix_whose_captions_have_given_way_has_nothing_to_put_back(store, done) -> None:
    fixed = (await store.transaction(fixing.fix, wish(done))).other

    def finish(tx: Any) -> None:
        end(tx, fixed, track_id="t2", replaced=(ReplacedTrack(id="t1"),))
        stored, parent = jobs.by_public_id(tx, fixed.id), jobs.by_public_id(tx, done.id)
        jobs.note(tx, stored.row_id, saved=(SavedTrack(id="t1"),))
        jobs.note(tx, parent.row_id, restore=Restore(by="U1", at=1.0, done_at=2.0))

    await store.transaction(finish)
    assert (await put_back(store, fixed)).outcome is Restoring.NOTHING


async def test_a_cancelled_fix_leaves_the_captions_as_they_are(store: Database, done: Job) -> None:
    fixed = (await store.transaction(fixing.fix, wish(done))).other
    stored = await row(store, fixed)
    await store.transaction(progress.stopped, stored.row_id)
    assert (await row(store, fixed)).job.state is State.CANCELLED
    assert (await row(store, done)).job.outcome.track_id == "t1"
    assert (await store.transaction(fixing.fix, wish(done, key="view2"))).outcome is Outcome.STARTED
