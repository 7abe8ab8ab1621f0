"""Forms and Home tabs are opened by a trigger, changed by id and never overwritten unseen."""

from __future__ import annotations

import pytest

from tests.sandbox.slack_api.bench import MODAL, SECTION


async def test_a_trigger_opens_one_modal_within_three_seconds(bench):
    web, triggers = bench.web, bench.core.triggers
    trigger = triggers.issue("U0ANA")
    opened = await web.views_open(trigger_id=trigger, view=MODAL)
    assert opened["view"]["root_view_id"] == opened["view"]["id"]
    assert await bench.error(web.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    assert await bench.error(web.views_open(trigger_id="1.2.3", view=MODAL)) == "invalid_trigger_id"
    late = triggers.issue("U0ANA")
    bench.clock.advance(3.1)
    assert await bench.error(web.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
    bench.clock.advance(4_000)
    triggers.issue("U0ANA")
    assert await bench.error(web.views_open(trigger_id=late, view=MODAL)) == "invalid_trigger_id"


async def test_views_are_updated_by_id_unless_the_hash_is_stale(bench):
    web, triggers = bench.web, bench.core.triggers
    opened = (await web.views_open(trigger_id=triggers.issue("U0ANA"), view={**MODAL, "external_id": "x"}))[
        "view"
    ]
    updated = await web.views_update(
        view_id=opened["id"], hash=opened["hash"], view=MODAL | {"external_id": "x"}
    )
    assert updated["view"]["id"] == opened["id"]
    stale = web.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)
    assert await bench.error(stale) == "hash_conflict"
    assert await bench.error(web.views_update(view_id="V0NO", view=MODAL)) == "not_found"
    assert (await web.views_update(external_id="x", view=MODAL | {"external_id": "x"}))["ok"]
    twin = web.views_open(trigger_id=triggers.issue("U0BEN"), view={**MODAL, "external_id": "x"})
    assert await bench.error(twin) == "duplicate_external_id"
    home = {"type": "home", "blocks": [SECTION]}
    assert await bench.error(web.views_update(view_id=opened["id"], view=home)) == "invalid_arguments"
    assert await bench.error(web.views_open(trigger_id="1", view=home)) == "invalid_arguments"
    for depth in (2, 3):
        pushed = await web.views_push(trigger_id=triggers.issue("U0ANA"), view=MODAL)
        assert pushed["view"]["root_view_id"] == opened["id"], depth
    full = web.views_push(trigger_id=triggers.issue("U0ANA"), view=MODAL)
    assert await bench.error(full) == "push_limit_reached"


async def test_a_home_tab_is_published_per_person(bench):
    home = {"type": "home", "blocks": [SECTION]}
    first = (await bench.web.views_publish(user_id="U0ANA", view=home))["view"]
    second = (await bench.web.views_publish(user_id="U0ANA", view=home, hash=first["hash"]))["view"]
    assert (second["id"], second["hash"] == first["hash"]) == (first["id"], False)
    stale = bench.web.views_publish(user_id="U0ANA", view=home, hash=first["hash"])
    assert await bench.error(stale) == "hash_conflict"
    assert await bench.error(bench.web.views_publish(user_id="U0NO", view=home)) == "invalid_arguments"
    assert await bench.error(bench.web.views_publish(user_id="U0ANA", view=MODAL)) == "invalid_arguments"
    assert "U0BEN" not in bench.workspace.views.home


@pytest.mark.parametrize("bench", [{"home_tab": False}], indirect=True)
async def test_an_app_without_a_home_tab_cannot_publish_one(bench):
    home = {"type": "home", "blocks": [SECTION]}
    assert await bench.error(bench.web.views_publish(user_id="U0ANA", view=home)) == "not_enabled"
