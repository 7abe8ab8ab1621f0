"""What the caption form holds, as it is typed, and whether it makes a job. Performs no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from bot.errors import BadValue
from bot.rules import limits, links
from bot.rules.links import Pointer, PointerKind
from bot.rules.request import CaptionRequest, Replace

PLAYBACK: Final = "playback:"
"""What stands before a playback id in `CaptionForm.video`; an asset id stands there by itself."""

FILE: Final = "file:"
"""What stands before the id of a file in Slack, its name behind it, in `CaptionForm.video`."""

_FILE: Final = re.compile(r"file:(F[A-Z0-9]{1,40})\|(.*)", re.DOTALL)
# Slack gives an option's value 150 characters, and counts some characters twice.
_LONGEST_NAME: Final = 45
_ANY_ASSET: Final = "0"
_CODE: Final = re.compile(r"`([^`]*)`")
_FIELD_OF: Final = {
    "asset_id": "link",
    "language_code": "language",
    "upload_to_mux": "output",
    "track_name": "track_name",
    "phrases": "phrases",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionForm:
    """The form as somebody filled it in, unchecked; one attribute for each of its fields.

    `video` is what was chosen: an asset id, a playback id behind `PLAYBACK`, or a file behind `FILE`; `link`
    is what was pasted instead. An empty `language` asks for detection. `phrases` are lines that say
    something. The captions are reported to `channel_id`, and there in the thread of `thread_ts` when that is
    given.
    """

    video: str = ""
    link: str = ""
    language: str = ""
    replace: Replace = Replace.FAIL
    include_speakers: bool = False
    include_words: bool = False
    upload_to_mux: bool = True
    track_name: str = ""
    phrases: tuple[str, ...] = ()
    channel_id: str = ""
    thread_ts: str = ""

    def changed(self, **changes: Any) -> Self:
        """Return a copy with `changes` applied."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the attributes' names."""
        stored = {name: getattr(self, name) for name in self.__slots__}
        return stored | {"replace": self.replace.value, "phrases": list(self.phrases)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        known = {name: stored[name] for name in cls.__slots__ if name in stored}
        policy = Replace(stored.get("replace", Replace.FAIL))
        return cls(**known | {"replace": policy, "phrases": tuple(stored.get("phrases", ()))})

    @classmethod
    def of_request(
        cls, request: CaptionRequest, *, channel_id: str, pointer: Pointer | None = None, thread_ts: str = ""
    ) -> Self:
        """Return the form that asks for `request` once more."""
        return cls(
            video=request.asset_id if pointer is None else value_of(pointer),
            language=request.language_code or "",
            replace=request.replace,
            include_speakers=request.include_speakers,
            include_words=request.include_words,
            upload_to_mux=request.upload_to_mux,
            track_name=request.track_name or "",
            phrases=request.phrases,
            channel_id=channel_id,
            thread_ts=thread_ts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A form within every limit; `request` names the id of `pointer`, be it an asset's or not."""

    request: CaptionRequest
    pointer: Pointer
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormErrors:
    """What has to be mended first: a plain sentence for each field, by the attribute of `CaptionForm`."""

    sentences: Mapping[str, str]


def value_of(pointer: Pointer) -> str:
    """Return what `CaptionForm.video` holds for a video that somebody named."""
    if pointer.kind is PointerKind.FILE:
        return f"{FILE}{pointer.id}|{pointer.written[:_LONGEST_NAME].strip()}"
    return f"{PLAYBACK}{pointer.id}" if pointer.kind is PointerKind.PLAYBACK else pointer.id


def name_of(video: str) -> str:
    """Return what people call the value of `CaptionForm.video`: an id, or a file's name."""
    file = _FILE.fullmatch(video)
    return (file[2] or file[1]) if file else video.removeprefix(PLAYBACK)


def check(form: CaptionForm) -> Wanted | FormErrors:
    """Return what the form asks for, or every mistake in it at once, each at its field."""
    sentences: dict[str, str] = {}
    pointer = _pointer(form, sentences)
    for values in ({"language": form.language or None}, _name(form), {"phrases": form.phrases}):
        _try(sentences, asset_id=_ANY_ASSET, **values)
    if not form.upload_to_mux and form.replace is not Replace.FAIL:
        sentences["replace"] = (
            "Files only leaves the video's tracks alone, so none can be replaced. "
            "Choose to stop if there are captions, or add the new ones to the video."
        )
    if not form.channel_id:
        sentences["channel"] = "Choose where the captions are reported to."
    if pointer is None or sentences:
        return FormErrors(sentences=sentences)
    return _wanted(form, pointer)


def request_of(form: CaptionForm, asset_id: str) -> CaptionRequest:
    """Return what an unchecked form asks for about one asset, to compare it with what is there."""
    return CaptionRequest(
        asset_id=asset_id,
        language_code=form.language or None,
        replace=form.replace,
        track_name=form.track_name.strip() or None,
        upload_to_mux=form.upload_to_mux,
    )


def _wanted(form: CaptionForm, pointer: Pointer) -> Wanted:
    checked = limits.check(
        asset_id=pointer.id,
        language=form.language or None,
        replace=form.replace,
        include_speakers=form.include_speakers,
        include_words=form.include_words,
        upload_to_mux=form.upload_to_mux,
        phrases=form.phrases,
        **_name(form),
    )
    return Wanted(request=checked.request, pointer=pointer, warnings=checked.warnings)


def _name(form: CaptionForm) -> dict[str, Any]:
    return {"track_name": form.track_name if form.track_name.strip() else None}


def _pointer(form: CaptionForm, sentences: dict[str, str]) -> Pointer | None:
    """Return the one video that is meant, chosen or pasted; the same one twice is no mistake."""
    try:
        chosen = _chosen(form.video) if form.video else None
        pasted = links.read(form.link) if form.link.strip() else None
    except BadValue as error:
        sentences["link"] = sentence(error)
        return None
    if chosen is None and pasted is None:
        sentences["video"] = "Choose a video here, or paste its link or id in the next field."
    elif chosen is not None and pasted is not None and (chosen.kind, chosen.id) != (pasted.kind, pasted.id):
        sentences["link"] = "A video is chosen above and another one is pasted here. Empty one of the two."
        return None
    return pasted or chosen


def _chosen(video: str) -> Pointer:
    file = _FILE.fullmatch(video)
    if file is not None:
        return Pointer(kind=PointerKind.FILE, id=file[1], written=file[2] or file[1])
    pointer = links.read(video.removeprefix(PLAYBACK))
    if not video.startswith(PLAYBACK):
        return pointer
    return Pointer(kind=PointerKind.PLAYBACK, id=pointer.id, written=pointer.written)


def _try(sentences: dict[str, str], **values: Any) -> None:
    try:
        limits.check(**values)
    except BadValue as error:
        sentences.setdefault(_FIELD_OF.get(error.parameter, "link"), sentence(error))


def sentence(error: BadValue) -> str:
    """Return a mistake and its remedy as plain words for a place that shows no formatting."""
    fix = f" {error.fix[0].upper()}{error.fix[1:]}" if error.fix else ""
    ending = "." if fix and fix[-1] not in ".?!" else ""
    return _CODE.sub("\u201c\\1\u201d", f"{error}{fix}{ending}")
