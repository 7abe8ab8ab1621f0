"""Forms and the Home tab are filled in, sent, refused and closed on the page."""

from __future__ import annotations

import base64

from tests.sandbox.page_http.desk import MODAL, OPTIONS, Desk, words


async def test_a_modal_is_filled_in_refused_and_submitted(desk: Desk) -> None:
    view = desk.slack.workspace.views.open("U0ANA", MODAL)
    empty = await desk.do("submit", view=view.id, state={})
    assert empty.status_code == 200
    html = desk.shown().regions["modal"].html
    assert "Please complete this required field." in html
    assert desk.bot.got == []
    chosen = {"text": words("Studio tour"), "value": "asset01"}
    state = {"video": {"v": {"options": [chosen]}}, "language": {"v": {"options": [OPTIONS[1]]}}}
    desk.bot.answer = {"response_action": "errors", "errors": {"video": "It has captions."}}
    await desk.do("submit", view=view.id, state=state)
    html = desk.shown().regions["modal"].html
    assert "It has captions." in html
    assert 'value="Studio tour"' in html
    desk.bot.answer = ""
    await desk.do("submit", view=view.id, state=state)
    assert desk.bot.got[-1]["view"]["state"]["values"]["video"]["v"]["selected_option"] == chosen
    assert desk.shown().regions["modal"].html == ""
    gone = await desk.do("submit", view=view.id, state=state)
    assert gone.json() == {"error": "This window is gone."}


async def test_a_field_that_dispatches_keeps_the_others_as_typed(desk: Desk) -> None:
    view = desk.slack.workspace.views.open("U0ANA", MODAL)
    chosen = {"text": words("Studio tour"), "value": "asset01"}
    raw = {"options": [OPTIONS[0]]}
    state = {"video": {"v": {"options": [chosen]}}, "language": {"v": raw}}
    await desk.do("act", source={"view": view.id}, block="language", action="v", raw=raw, state=state)
    values = desk.bot.got[0]["view"]["state"]["values"]
    assert values["video"]["v"]["selected_option"] == chosen
    assert desk.bot.got[0]["actions"][0]["selected_option"] == OPTIONS[0]
    theirs = await desk.do("act", **{"as": "U0BEN"}, source={"view": view.id}, block="language", action="v")
    assert theirs.status_code == 400


async def test_options_come_from_the_bot_and_are_escaped(desk: Desk) -> None:
    view = desk.slack.workspace.views.open("U0ANA", MODAL)
    desk.bot.answer = {"options": [{"text": words("<b>"), "value": "x"}]}
    answer = await desk.do("suggest", source={"view": view.id}, block="video", action="v", query="st")
    assert "&lt;b&gt;" in answer.json()["html"]
    assert desk.bot.got[0]["value"] == "st"


async def test_stacked_modals_close_one_by_one_or_all_at_once(desk: Desk) -> None:
    views = desk.slack.workspace.views
    views.open("U0ANA", MODAL)
    top = views.push("U0ANA", {**MODAL, "title": words("Second")})
    assert 'aria-label="Back"' in desk.shown().regions["modal"].html
    assert "Second" in desk.shown().regions["modal"].html
    await desk.do("close", view=top.id, all=False)
    assert "Caption a video" in desk.shown().regions["modal"].html
    top = views.push("U0ANA", MODAL)
    await desk.do("close", view=top.id, all=True)
    assert views.stack("U0ANA") == []


async def test_an_error_that_names_no_field_is_shown_above_the_form(desk: Desk) -> None:
    views = desk.slack.workspace.views
    view = views.open("U0ANA", {**MODAL, "submit": None})
    views.show_errors(view, {"elsewhere": "Broken"})
    html = desk.shown().regions["modal"].html
    assert "elsewhere: Broken" in html
    assert 'type="submit"' not in html


async def test_a_file_field_uploads_what_was_chosen(desk: Desk) -> None:
    element = {"type": "file_input", "action_id": "v", "max_files": 1}
    block = {"type": "input", "block_id": "glossary", "label": words("Glossary"), "element": element}
    view = desk.slack.workspace.views.open("U0ANA", {**MODAL, "blocks": [block]})
    broken = {"name": "terms.txt", "base64": "!"}
    answer = await desk.do("submit", view=view.id, state={"glossary": {"v": {"files": [broken]}}})
    assert answer.json() == {"error": "The file is not whole."}
    whole = {**broken, "base64": base64.b64encode(b"Mux").decode()}
    await desk.do("submit", view=view.id, state={"glossary": {"v": {"files": [whole]}}})
    (sent,) = desk.bot.got[0]["view"]["state"]["values"]["glossary"]["v"]["files"]
    assert desk.slack.workspace.files[sent["id"]].content == b"Mux"


async def test_shortcuts_and_the_home_tab_reach_the_bot(desk: Desk) -> None:
    message = desk.post()
    await desk.do("shortcut", name="caption_video")
    await desk.do("shortcut", name="caption_message", channel="C0DEMO", ts=message.ts)
    await desk.do("home")
    kinds = [sent["type"] for sent in desk.bot.got]
    assert kinds == ["shortcut", "message_action", "event_callback"]
    assert "has not published" in desk.shown(place="home").regions["home"].html
    desk.slack.workspace.views.publish(
        "U0ANA", {"type": "home", "blocks": [{"type": "header", "text": words("Yours")}]}
    )
    assert "Yours" in desk.shown(place="home").regions["home"].html


async def test_the_bot_hears_which_of_its_tabs_is_opened(desk: Desk) -> None:
    home = {"type": "home", "blocks": [{"type": "header", "text": words("Yours")}]}
    view = desk.slack.workspace.views.publish("U0ANA", home)
    await desk.do("home", **{"in": "home"})
    await desk.do("home", **{"in": "D0ANA"})
    first, second = (sent["event"] for sent in desk.bot.got)
    assert (first["tab"], first["view"]["hash"]) == ("home", view.hash)
    assert (second["tab"], "view" in second) == ("messages", False)


async def test_a_button_on_home_carries_the_view_with_its_hash(desk: Desk) -> None:
    button = {"type": "button", "action_id": "again", "text": words("Again")}
    home = {"type": "home", "blocks": [{"type": "actions", "block_id": "b", "elements": [button]}]}
    view = desk.slack.workspace.views.publish("U0ANA", home)
    assert (await desk.do("act", source={"view": view.id}, block="b", action="again")).status_code == 200
    (sent,) = desk.bot.got
    assert (sent["view"]["type"], sent["view"]["hash"]) == ("home", view.hash)
    assert sent["container"] == {"type": "view", "view_id": view.id}
    answer = await desk.do("act", source={"view": view.id}, block="b", action="again", **{"as": "U0BEN"})
    assert answer.json()["error"] == "This window is gone."
