"""What a token is good for: its own workspace or organization, and nothing else."""

from __future__ import annotations

import pytest

from tests.sandbox.slack_oauth.bench import CREDENTIALS_BY_CLASS

pytestmark = CREDENTIALS_BY_CLASS


async def test_a_token_reaches_nothing_of_another_workspace(bench):
    north = bench.web((await bench.install("T0NORTH"))["access_token"])
    home = bench.web(bench.config.slack_bot_token)
    assert (await north.auth_test())["team_id"] == "T0NORTH"
    assert (await home.auth_test())["team_id"] == "T0SANDBOX"
    posted = await home.chat_postMessage(channel="C0DEMO", text="ours")
    ts = posted["ts"]
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
    view = bench.slack.workspace.views.open("U0ANA", modal)
    file = bench.slack.workspace.add_file("a.srt", b"1", owner="U0ANA")
    trigger = bench.slack.triggers.issue("U0ANA")
    tried = {
        "channel_not_found": [
            north.chat_postMessage(channel="C0DEMO", text="theirs"),
            north.chat_postMessage(channel="captions-demo", text="theirs"),
            north.chat_postMessage(channel="U0ANA", text="theirs"),
            north.chat_update(channel="C0DEMO", ts=ts, text="theirs"),
            north.chat_delete(channel="C0DEMO", ts=ts),
            north.chat_getPermalink(channel="C0DEMO", message_ts=ts),
            north.conversations_replies(channel="C0DEMO", ts=ts),
        ],
        "message_not_found": [north.chat_update(channel="C0NORTH", ts=ts, text="theirs")],
        "not_found": [north.views_update(view_id=view.id, view=modal)],
        "invalid_trigger_id": [north.views_open(trigger_id=trigger, view=modal)],
        "file_not_found": [north.files_info(file=file.id)],
        "invalid_arguments": [north.views_publish(user_id="U0ANA", view={"type": "home", "blocks": []})],
    }
    for expected, calls in tried.items():
        for call in calls:
            assert await bench.error(call) == expected
    url = f"{bench.config.public_url}/files-pri/T0SANDBOX-{file.id}/a.srt"
    async with bench.http.get(url, headers={"Authorization": f"Bearer {north.token}"}) as reply:
        assert reply.content_type == "text/html"
    async with bench.http.get(url, headers={"Authorization": f"Bearer {home.token}"}) as reply:
        assert await reply.read() == b"1"


async def test_ids_are_never_those_of_another_workspace(bench):
    places = bench.slack.workplaces
    modal = {"type": "modal", "blocks": []}
    made = []
    for place in places:
        person = next(iter(place.workspace.people))
        made += [place.workspace.add_file("a", b"1", owner=person).id, place.triggers.issue(person)]
        made += [
            place.workspace.views.open(person, modal).id,
            *place.workspace.people,
            *place.workspace.channels,
        ]
    assert len(set(made)) == len(made)


async def test_people_of_a_workspace_reach_the_bot_once_it_is_there(bench):
    said = {"user_id": "U0NORA", "channel_id": "C0NORTH", "command": "/caption", "text": "help"}
    nothing = await bench.control("command", **said)
    assert nothing["status"] is None
    assert "not a valid command" in nothing["shown"]["text"]
    assert bench.heard == []
    await bench.install("T0NORTH")
    assert (await bench.control("command", **said))["status"] == 200
    [form] = bench.heard
    assert (form["team_id"], form["team_domain"]) == ("T0NORTH", "northwind")
    assert form["is_enterprise_install"] == "false"
    url = form["response_url"]
    async with bench.http.post(url, json={"text": "only here"}) as reply:
        assert reply.status == 200
    assert [one.text for one in bench.slack.workspace.seen_by("C0DEMO", "U0ANA")] == []
    north = bench.slack.workplace("T0NORTH").workspace
    assert north.seen_by("C0NORTH", "U0NORA")[-1].text == "only here"


async def test_an_organization_s_token_is_good_in_all_its_workspaces_and_nowhere_else(bench):
    answer = await bench.install("E0HARBOR")
    assert (answer["team"], answer["is_enterprise_install"]) == (None, True)
    assert answer["enterprise"] == {"id": "E0HARBOR", "name": "Harbor Group"}
    web = bench.web(answer["access_token"])
    assert (await web.auth_test())["is_enterprise_install"] is True
    for channel, team in (("C0QUAY", "T0QUAY"), ("C0PIER", "T0PIER")):
        assert (await web.chat_postMessage(channel=channel, text=team))["channel"] == channel
    assert (await web.auth_test(team_id="T0PIER"))["team_id"] == "T0PIER"
    assert await bench.error(web.auth_test(team_id="T0NORTH")) == "team_not_found"
    assert await bench.error(web.chat_postMessage(channel="C0DEMO", text="x")) == "channel_not_found"
    await bench.control("command", user_id="U0PIA", channel_id="C0PIER", command="/caption", text="")
    form = bench.heard[-1]
    assert (form["team_id"], form["enterprise_id"]) == ("T0PIER", "E0HARBOR")
    assert form["is_enterprise_install"] == "true"
    await bench.control("app_home_opened", user_id="U0PIA")
    event = bench.heard[-1]
    assert (event["team_id"], event["enterprise_id"]) == ("T0PIER", "E0HARBOR")
    [authorization] = event["authorizations"]
    assert (authorization["team_id"], authorization["is_enterprise_install"]) == (None, True)


@pytest.mark.parametrize(
    ("place", "channel", "team"), [("T0NORTH", "C0NORTH", "T0NORTH"), ("E0HARBOR", "C0PIER", "T0PIER")]
)
async def test_files_are_uploaded_and_seen_in_their_own_workspace(bench, place, channel, team):
    web = bench.web((await bench.install(place))["access_token"])
    done = await web.files_upload_v2(channel=channel, content="1", filename="a.srt")
    file_id = done["file"]["id"]
    bench.slack.clock.advance(1)
    shared = (await web.files_info(file=file_id))["file"]
    assert list(shared["shares"]["public"]) == [channel]
    url = shared["url_private"]
    assert f"/files-pri/{team}-{file_id}/" in url
    async with bench.http.get(url, headers={"Authorization": f"Bearer {web.token}"}) as reply:
        assert await reply.read() == b"1"
    home = bench.web(bench.config.slack_bot_token)
    assert await bench.error(home.files_info(file=file_id)) == "file_not_found"
    async with bench.http.get(url, headers={"Authorization": f"Bearer {home.token}"}) as reply:
        assert reply.content_type == "text/html"


async def test_the_page_goes_from_one_workspace_to_the_other(bench):
    async with bench.http.get(f"{bench.config.public_url}/?as=U0NORA") as reply:
        page = await reply.text()
    assert "northern-films" in page
    assert "captions-demo" not in page
    assert "Caption Bot is not installed here." in page
    url = f"{bench.config.public_url}/_page/say"
    typed = {"as": "U0NORA", "in": "C0NORTHALL", "text": "/invite @Caption Bot"}
    async with bench.http.post(url, json=typed) as reply:
        assert reply.status == 200
    assert "U0NORTHBOT" in bench.slack.workplace("T0NORTH").workspace.channel("C0NORTHALL").members
    async with bench.http.post(url, json=typed | {"in": "C0DEMO"}) as reply:
        assert reply.status == 400
    async with bench.http.post(url, json=typed | {"text": "/invite @Ana"}) as reply:
        assert reply.status == 400


async def test_an_unknown_workspace_is_refused_by_remote_control(bench):
    said = {"team": "T0NONE", "user_id": "U0ANA", "channel_id": "C0DEMO", "text": "x"}
    assert (await bench.control("say", **said))["error"] == "team_not_found"
    url = f"{bench.config.public_url}/_sandbox/slack/state"
    async with bench.http.get(url, params={"team": "T0PIER"}) as reply:
        assert [one["id"] for one in (await reply.json())["people"]] == ["U0PIA"]
