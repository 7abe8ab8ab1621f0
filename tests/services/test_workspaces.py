"""Workspaces come, their tokens change, they go, and nothing of one outlives it."""

from __future__ import annotations

import asyncio

import pytest

from bot.services import captions, environments, home, workspaces
from bot.store import jobs
from bot.store.environments import Environment
from bot.store.installations import Installation

NORTH = Installation(place="T1", name="North", installer_id="U1", token="sealed-1", refresh_token="sealed-2")
ORG = Installation(place="E1", name="Org", installer_id="U9", enterprise_id="E1", token="sealed-9")


async def install(store, new=NORTH, **more):
    return await store.transaction(workspaces.install, new, expires_in=more.get("expires_in"))


async def uninstall(store, place="T1", *, at=4e9, event_id="Ev1", with_mux=True):
    return await store.transaction(workspaces.uninstalled, place, at=at, event_id=event_id, with_mux=with_mux)


def environment(team="T1", name="e1"):
    return Environment(
        account="", team_id=team, environment_id=name, token_id="i", token_secret="s", connected_by="U1"
    )


async def test_only_the_first_installation_is_the_first(store):
    assert await install(store) is True
    assert await install(store) is False
    held = await store.transaction(workspaces.held, "T1")
    assert held.installation.token == "sealed-1"
    assert "sealed" not in repr(held)


async def test_a_workspace_of_an_organization_has_the_organizations_token(store):
    await install(store, ORG)
    assert await store.transaction(workspaces.held, "T7") is None
    await store.transaction(workspaces.join, team_id="T7", enterprise_id="E1")

    held = await store.transaction(workspaces.held, "T7")
    assert (held.installation.place, held.installation.token) == ("E1", "sealed-9")
    assert await store.transaction(home.installer_of, "T7") == "U9"
    assert await store.transaction(home.installer_of, "T8") == ""


async def test_an_organization_that_goes_takes_its_workspaces_along(store):
    await install(store, ORG)
    await store.transaction(workspaces.join, team_id="T7", enterprise_id="E1")
    await store.transaction(environments.connect, environment("T7"))

    (left,) = await uninstall(store, "E1")

    assert left.team_id == "T7"
    assert await store.transaction(workspaces.everywhere) == []


async def test_a_state_is_used_up_once_however_many_ask_and_only_in_time(store, query):
    await store.transaction(workspaces.begin, "state-1")
    found = await asyncio.gather(*(store.transaction(workspaces.take, "state-1") for _ in range(20)))
    assert sorted(found) == [False] * 19 + [True]

    await store.transaction(workspaces.begin, "state-2")
    assert "state-2" not in str(await query("SELECT * FROM oauth_state"))
    await query("UPDATE oauth_state SET expires_at = expires_at - 601")
    assert await store.transaction(workspaces.take, "state-2") is False
    await store.transaction(workspaces.begin, "state-3")
    assert len(await query("SELECT 1 FROM oauth_state")) == 1


async def test_one_of_many_refreshes_a_token_and_the_right_ends_by_itself(store, query):
    await install(store)

    async def begin(owner):
        return await store.transaction(workspaces.begin_refresh, "T1", owner=owner, seconds=30.0)

    found = await asyncio.gather(*(begin(f"o{number}") for number in range(10)))
    assert len([each for each in found if each is not None]) == 1
    await query("UPDATE installation SET refreshing_until = 1.0")
    assert await begin("late") is not None
    assert await store.transaction(
        workspaces.end_refresh, "T1", owner="late", token="n", refresh_token="r", expires_in=60.0
    )
    assert not await store.transaction(
        workspaces.end_refresh, "T1", owner="late", token="x", refresh_token="x", expires_in=None
    )
    held = await store.transaction(workspaces.held, "T1")
    assert held.installation.token == "n"
    assert held.installation.expires_at == pytest.approx(held.now + 60, abs=5)


async def test_a_place_that_is_gone_cannot_be_refreshed(store):
    assert await store.transaction(workspaces.begin_refresh, "T404", owner="o", seconds=1.0) is None


@pytest.mark.parametrize("with_mux", [True, False])
async def test_uninstalling_ends_jobs_without_a_word(store, ask, query, with_mux):
    await install(store)
    connected = await store.transaction(environments.connect, environment())
    job = (await store.transaction(captions.request, ask(mux_account=connected.account))).job
    other = (await store.transaction(captions.request, ask("act2", team_id="T2"))).job

    left = await uninstall(store, with_mux=with_mux)

    assert [each.account for each in left] == ([connected.account] if with_mux else [])
    assert (await store.transaction(environments.of_team, "T1") is None) == with_mux
    assert (await store.transaction(environments.of_account, connected.account) is None) == with_mux
    ended = await store.transaction(jobs.by_public_id, job.id)
    assert (ended.job.state.value, ended.job.finished_at is not None) == ("cancelled", True)
    assert (await store.transaction(jobs.by_public_id, other.id)).job.state.value == "requested"
    open_ones = await query("SELECT job_id FROM effect WHERE state = 0 AND (have < want OR suspect = 1)")
    assert {row.job_id for row in open_ones} == {ended.row_id + 1}


async def test_an_uninstall_that_is_told_again_or_late_changes_nothing(store):
    await install(store)
    assert await uninstall(store, at=1.0) is None
    assert await uninstall(store, event_id="Ev2") == []
    await install(store)
    assert await uninstall(store, event_id="Ev2") is None
    assert await uninstall(store, "T404", event_id="Ev3") is None
    assert await store.transaction(workspaces.held, "T1") is not None


async def test_an_environment_keeps_its_name_and_another_one_has_to_wait(store):
    first = await store.transaction(environments.connect, environment())
    assert await store.transaction(environments.connect, environment(name="e2")) is None
    await store.transaction(
        environments.told_by_webhook, first.account, webhook_id="w1", webhook_secret="sealed"
    )
    assert (await store.transaction(environments.at_hook, first.hook)).webhook_secret == "sealed"

    left = await store.transaction(environments.disconnect, team_id="T1", user_id="U1")
    assert (left.webhook_id, left.token_secret) == ("w1", "s")
    assert await store.transaction(environments.disconnect, team_id="T1", user_id="U1") is None
    assert await store.transaction(environments.at_hook, first.hook) is None
    assert await store.transaction(environments.connected) == []
    gone = await store.transaction(environments.of_account, first.account)
    assert (gone.connected, gone.hook, gone.webhook_secret) == (False, None, None)

    again = await store.transaction(environments.connect, environment())
    assert (again.account, again.connected) == (first.account, True)
    assert again.hook != first.hook
