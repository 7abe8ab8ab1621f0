"""A channel's settings: who changed them is known, and they reach what is asked for in that channel alone."""

from __future__ import annotations

import json

from bot.rules.channel import ChannelOptions
from bot.rules.form import CaptionForm
from bot.rules.links import Pointer, PointerKind
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.services import captions, channel_settings, many
from bot.services.channel_settings import Saved
from bot.services.many import Wanted

ANA = Asker(team_id="T1", channel_id="C1", user_id="U1")
BEN = Asker(team_id="T1", channel_id="C1", user_id="U2")
OPTIONS = ChannelOptions(language_code="de", phrases=("Mux", "HLS"), include_speakers=True)
AUDITED = "SELECT user_id, detail FROM audit WHERE action = 'channel.settings' ORDER BY id"


async def save(store, options=OPTIONS, asker=ANA) -> bool:
    return await store.transaction(channel_settings.save, options, asker, mux_account="default")


async def test_settings_are_kept_with_who_changed_them_last(store, query) -> None:
    assert await save(store) is True
    assert await save(store, ChannelOptions(phrases=("Mux",)), BEN) is True
    found = await store.transaction(channel_settings.read, team_id="T1", channel_id="C1")
    assert (found.options, found.changed_by) == (ChannelOptions(phrases=("Mux",)), "U2")
    assert found.changed_at > 0
    audited = [(user_id, json.loads(detail)) for user_id, detail in await query(AUDITED)]
    assert audited == [
        ("U1", {"channel": "C1", "options": OPTIONS.to_json()}),
        ("U2", {"channel": "C1", "options": ChannelOptions(phrases=("Mux",)).to_json()}),
    ]


async def test_the_same_settings_twice_are_one_change(store, query) -> None:
    await save(store)
    assert await save(store, asker=BEN) is False
    found = await store.transaction(channel_settings.read, team_id="T1", channel_id="C1")
    assert found.changed_by == "U1"
    assert len(await query(AUDITED)) == 1


async def test_a_channel_that_nobody_set_has_no_options(store, ask) -> None:
    unknown = await store.transaction(channel_settings.read, team_id="T1", channel_id="C1")
    await store.transaction(captions.request, ask())
    known = await store.transaction(channel_settings.read, team_id="T1", channel_id="C1")
    assert unknown == known == Saved(options=ChannelOptions())


async def test_a_command_gets_the_phrases_of_its_channel_and_no_other(store, ask) -> None:
    await save(store)
    here = await store.transaction(captions.request, ask("a", with_channels_phrases=True))
    there = await store.transaction(
        captions.request, ask("b", with_channels_phrases=True, channel_id="C2", asset_id="asset2")
    )
    other_team = await store.transaction(
        captions.request, ask("c", with_channels_phrases=True, team_id="T2", asset_id="asset3")
    )
    assert (here.job.request.phrases, here.added) == (("Mux", "HLS"), ("Mux", "HLS"))
    assert here.job.request.changed(phrases=()) == CaptionRequest(asset_id="asset1")
    assert [each.job.request.phrases for each in (there, other_team)] == [(), ()]


async def test_a_form_in_which_the_phrases_were_deleted_stays_without_them(store, ask) -> None:
    await save(store)
    made = await store.transaction(captions.request, ask())
    assert (made.job.request.phrases, made.added) == ((), ())


async def test_two_people_who_get_the_same_phrases_share_one_job(store, ask) -> None:
    await save(store)
    first = await store.transaction(captions.request, ask("a", with_channels_phrases=True))
    second = await store.transaction(
        captions.request, ask("b", with_channels_phrases=True, user_id="U2")
    )  # fmt: skip
    assert (second.joined, second.job.id) == (True, first.job.id)


async def test_phrases_without_room_are_named_on_the_job(store, ask) -> None:
    await save(store)
    request = CaptionRequest(asset_id="asset1", phrases=tuple(f"own {number}" for number in range(99)))
    made = await store.transaction(captions.request, ask(request=request, with_channels_phrases=True))
    assert made.added == ("Mux",)
    assert "left out: `HLS`" in made.job.warnings[0]


async def test_a_form_begins_with_the_settings_of_its_channel(store) -> None:
    await save(store)
    form = await store.transaction(channel_settings.filled_in, CaptionForm(channel_id="C1"), team_id="T1")
    assert (form.language, form.phrases, form.include_speakers) == ("de", ("Mux", "HLS"), True)
    nowhere = await store.transaction(channel_settings.filled_in, CaptionForm(), team_id="T1")
    assert nowhere == CaptionForm()


async def test_several_videos_are_offered_with_the_channels_phrases(store) -> None:
    await save(store)
    pointers = tuple(
        Pointer(kind=PointerKind.ASSET, id=name, written=name) for name in ("asset1", "asset2")
    )  # fmt: skip
    wanted = Wanted(
        request=CaptionRequest(asset_id="asset1"),
        pointers=pointers,
        warnings=(),
        asker=ANA,
        act_key="command:T1:1",
        mux_account="default",
    )
    offered = await store.transaction(many.offer, wanted)
    assert (offered.request.phrases, offered.added) == (("Mux", "HLS"), ("Mux", "HLS"))
    made = await store.transaction(
        many.start, offered.draft_id, ANA, mux_account="default", poll_in_seconds=30.0
    )
    assert [each.job.request.phrases for each in made] == [("Mux", "HLS")] * 2
