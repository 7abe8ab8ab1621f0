"""The form that starts a caption job: its builder and its reader, which share their ids. Performs no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bot.rules.form import FILE, CaptionForm, FormErrors, name_of, request_of
from bot.rules.limits import MAX_TRACK_NAME_CHARACTERS
from bot.rules.request import Replace
from bot.rules.video import Video
from bot.ui import inputs, pickers
from bot.ui.about_video import about
from bot.ui.blocks import context, section
from bot.ui.inputs import TYPED_LIMIT, chosen, labelled, labelled_text, search_field, value_of
from bot.ui.message import Block
from bot.ui.mrkdwn import clip
from bot.ui.pickers import plain_text

CALLBACK_ID: Final = "caption_modal"

# A block's id is the attribute of CaptionForm that it holds, and its element's id is that behind a prefix.
# They stay the same in every view, because only so does Slack keep what was typed when a view is updated.
ACTION_PREFIX: Final = inputs.ACTION_PREFIX
VIDEO, LINK, LANGUAGE, REPLACE = "video", "link", "language", "replace"
EXTRAS, OUTPUT, TRACK_NAME, CHANNEL = "extras", "output", "track_name", "channel"
_CONVERSATION: Final = re.compile(r"[A-Z0-9]{1,255}")
_TS: Final = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")

_UPLOAD: Final = pickers.option(
    "Add the captions to the video", "upload", "As a text track that players offer"
)
_FILES: Final = pickers.option("Make files only", "files", "The video's own tracks stay as they are")
_POLICIES: Final = {
    Replace.FAIL: pickers.option(
        "Stop if there are any",
        Replace.FAIL.value,
        "Found out before anything is billed if the language is given",
    ),
    Replace.ALL: pickers.option(
        "Replace them", Replace.ALL.value, "Tracks of the same language or name are deleted first"
    ),
    Replace.GENERATED: pickers.option(
        "Replace only what Mux generated",
        Replace.GENERATED.value,
        "Stops if somebody uploaded the existing ones",
    ),
}


def build(
    form: CaptionForm, *, video: Video | None = None, notice: str = "", can_sign: bool = False
) -> dict[str, Any]:
    """Return the form as a modal, filled in.

    `video` is what the catalogue holds about the chosen one. `notice` (mrkdwn) stands at the top.
    `can_sign` says whether the text of signed videos can be read.
    """
    blocks = [
        *([section(notice)] if notice else []),
        _video(form, video),
        _link(form),
        _language(form),
        *_about(form, video, can_sign=can_sign),
        _policy(form),
        inputs.extras(EXTRAS, "Extras", speakers=form.include_speakers, words=form.include_words),
        _output(form),
        labelled_text(
            TRACK_NAME, "Track name", form.track_name, most=MAX_TRACK_NAME_CHARACTERS, hint=_NAME_HINT
        ),
        *inputs.phrases(form.phrases, hint=_PHRASES_HINT),
        _channel(form),
    ]
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "title": plain_text("Caption a video"),
        "submit": plain_text("Start"),
        "close": plain_text("Cancel"),
        "private_metadata": _metadata(form),
        "blocks": blocks,
    }


_PHRASES_HINT: Final = (
    "Names and terms that are likely to be heard, one a line; up to 100 of up to 50 characters."
)
_NAME_HINT: Final = "What viewers choose in the player. Left empty, Mux names the track after its language."


def read(view: Mapping[str, Any]) -> CaptionForm:
    """Return what a person has filled in, from a view as Slack sends it; `build` is the inverse.

    What is missing, or comes from a view of an older version, counts as left empty.
    """
    values = view.get("state", {}).get("values", {})
    kept = inputs.kept(view)
    extras = inputs.ticked(values, EXTRAS)
    policy, language = chosen(values, REPLACE), chosen(values, LANGUAGE)
    return CaptionForm(
        video=chosen(values, VIDEO),
        link=value_of(values, LINK, "value") or "",
        language="" if language == pickers.DETECT else language,
        replace=Replace(policy) if policy in set(Replace) else Replace.FAIL,
        include_speakers="speakers" in extras,
        include_words="words" in extras,
        upload_to_mux=chosen(values, OUTPUT) != "files",
        track_name=value_of(values, TRACK_NAME, "value") or "",
        phrases=inputs.read_phrases(values),
        channel_id=channel_of(view),
        thread_ts=kept.get("thread", ""),
    )


def channel_of(view: Mapping[str, Any]) -> str:
    """Return the channel that a person has chosen in the form, else the one where they opened it."""
    values = view.get("state", {}).get("values", {})
    return str(value_of(values, CHANNEL, "selected_conversation") or inputs.kept(view).get("channel", ""))


def errors(found: FormErrors, view: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentences by the block that each belongs to in this very view.

    Slack shows none of them when one is for a block that the view does not have.
    """
    inputs = [block.get("block_id", "") for block in view.get("blocks", ()) if block.get("type") == "input"]
    placed: dict[str, str] = {}
    for field, sentence in found.sentences.items():
        block_id = field if field in inputs else VIDEO
        placed[block_id] = " ".join(filter(None, (placed.get(block_id), sentence)))
    return {block_id: clip(sentence, TYPED_LIMIT) for block_id, sentence in placed.items()}


def remarks(view: Mapping[str, Any]) -> list[str]:
    """Return what a view says between its fields, to see whether that is still true."""
    return [block["text"]["text"] for block in view.get("blocks", ()) if block.get("type") == "section"]


def _video(form: CaptionForm, video: Video | None) -> Block:
    element = search_field("Search by title or id")
    fits = pickers.fits(form.video)
    if fits and video is not None and video.asset_id == form.video:
        element["initial_option"] = pickers.video_option(video)
    elif fits:
        element["initial_option"] = pickers.use_option(form.video, name_of(form.video))
    return labelled(VIDEO, "Video", element, optional=True, dispatch=True)


def _link(form: CaptionForm) -> Block:
    # What does not fit into an option is still not lost.
    value = form.link or ("" if pickers.fits(form.video) else form.video)
    return labelled_text(LINK, "Or paste a link or an id", value, hint=_LINK_HINT)


_LINK_HINT: Final = "An asset id, a playback id, or a stream, player, image or dashboard link of Mux."


_A_FILE: Final = (
    "This is a file in Slack. It will be sent to Mux as a new video; "
    "Mux charges for its storage and encoding too."
)


def _about(form: CaptionForm, video: Video | None, *, can_sign: bool) -> list[Block]:
    if form.video.startswith(FILE):
        return [section(_A_FILE)]
    if video is None or video.asset_id != form.video:
        return []
    found = about(video, request_of(form, video.asset_id), can_sign=can_sign)
    return [section(text) for text in found]


def _language(form: CaptionForm) -> Block:
    element = search_field("Search by name or code")
    tag = form.language if pickers.fits(form.language) else ""
    element["initial_option"] = pickers.language_option(tag)
    return labelled(LANGUAGE, "Language that is spoken", element, hint=_LANGUAGE_HINT, dispatch=True)


_LANGUAGE_HINT: Final = (
    "Mux does not check what you choose. When it detects the language, captions in the way are found "
    "only after the transcription."
)


def _policy(form: CaptionForm) -> Block:
    element = {
        "type": "radio_buttons",
        "options": list(_POLICIES.values()),
        "initial_option": _POLICIES[form.replace],
    }
    return labelled(REPLACE, "If the video has captions of this language or name", element, dispatch=True)


def _output(form: CaptionForm) -> Block:
    chosen = _UPLOAD if form.upload_to_mux else _FILES
    element = {"type": "radio_buttons", "options": [_UPLOAD, _FILES], "initial_option": chosen}
    return labelled(OUTPUT, "What to make", element, dispatch=True)


def _channel(form: CaptionForm) -> Block:
    if _in_thread(form):
        return context("The captions will be posted in the thread of the message that you came from.")
    element: Block = {"type": "conversations_select", "default_to_current_conversation": True}
    if _CONVERSATION.fullmatch(form.channel_id):
        element["initial_conversation"] = form.channel_id
    return labelled(CHANNEL, "Report to", element, hint="The captions are posted there, in a thread.")


def _metadata(form: CaptionForm) -> str:
    return json.dumps({"channel": form.channel_id, "thread": form.thread_ts} if _in_thread(form) else {})


def _in_thread(form: CaptionForm) -> bool:
    return bool(_TS.fullmatch(form.thread_ts) and _CONVERSATION.fullmatch(form.channel_id))
