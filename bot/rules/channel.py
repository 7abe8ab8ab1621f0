"""What captions asked for in a channel begin with, and how that meets what a person asks for. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from bot.errors import BadValue
from bot.rules import limits
from bot.rules.form import CaptionForm, FormErrors, sentence
from bot.rules.quality import DEFAULT, NAMES
from bot.rules.request import CaptionRequest
from bot.rules.text import show

_ANY_ASSET: Final = "0"
_MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """A channel's own options, within every limit; `language_code` None leaves the language to Mux.

    `quality_profile` names the limits that captions are measured by. `tells_channel` says that a result is
    shown in the channel as well as in its thread.
    """

    language_code: str | None = None
    phrases: tuple[str, ...] = ()
    include_speakers: bool = False
    include_words: bool = False
    quality_profile: str = DEFAULT
    tells_channel: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the attributes' names."""
        return {
            "language_code": self.language_code,
            "phrases": list(self.phrases),
            "include_speakers": self.include_speakers,
            "include_words": self.include_words,
            "quality_profile": self.quality_profile,
            "tells_channel": self.tells_channel,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        return cls(
            language_code=stored.get("language_code"),
            phrases=tuple(stored.get("phrases", ())),
            include_speakers=bool(stored.get("include_speakers", False)),
            include_words=bool(stored.get("include_words", False)),
            quality_profile=_known_profile(stored.get("quality_profile")),
            tells_channel=bool(stored.get("tells_channel", False)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsForm:
    """The form of a channel's settings as it was filled in, unchecked; no `language` means detection."""

    channel_id: str = ""
    language: str = ""
    phrases: tuple[str, ...] = ()
    include_speakers: bool = False
    include_words: bool = False
    quality_profile: str = DEFAULT
    tells_channel: bool = False

    @classmethod
    def of(cls, options: ChannelOptions, *, channel_id: str) -> Self:
        """Return the form that holds these options."""
        return cls(
            channel_id=channel_id,
            language=options.language_code or "",
            phrases=options.phrases,
            include_speakers=options.include_speakers,
            include_words=options.include_words,
            quality_profile=options.quality_profile,
            tells_channel=options.tells_channel,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Options within every limit, and what to tell the person although they are accepted (plain text)."""

    options: ChannelOptions
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A request with its channel's phrases; `added` are those that the person had not given already.

    `warnings` are plain-text sentences about what did not fit.
    """

    request: CaptionRequest
    added: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check(form: SettingsForm) -> Checked | FormErrors:
    """Return the options that the form makes, or every mistake in it at once, by the form's attribute."""
    sentences: dict[str, str] = {}
    language = _try(sentences, "language", language=form.language or None)
    phrases = _try(sentences, "phrases", phrases=form.phrases)
    if language is None or phrases is None:
        return FormErrors(sentences=sentences)
    options = ChannelOptions(
        language_code=language.request.language_code,
        phrases=phrases.request.phrases,
        include_speakers=form.include_speakers,
        include_words=form.include_words,
        quality_profile=_known_profile(form.quality_profile),
        tells_channel=form.tells_channel,
    )
    return Checked(options=options, warnings=(*language.warnings, *phrases.warnings))


def merged(request: CaptionRequest, options: ChannelOptions) -> Merged:
    """Return the request with the channel's phrases behind the person's own, as many as Mux takes.

    A phrase that differs in upper and lower case only is the person's. Merging again changes nothing.
    """
    new = _unknown(options.phrases, among=request.phrases)
    room = max(limits.MAX_PHRASES - len(request.phrases), 0)
    added, dropped = new[:room], new[room:]
    return Merged(
        request=request.changed(phrases=(*request.phrases, *added)) if added else request,
        added=added,
        warnings=(_left_out(dropped),) if dropped else (),
    )


def filled_in(form: CaptionForm, options: ChannelOptions) -> CaptionForm:
    """Return a form that nobody has touched yet, filled in with the channel's options."""
    return form.changed(
        language=form.language or options.language_code or "",
        phrases=(*form.phrases, *_unknown(options.phrases, among=form.phrases)),
        include_speakers=form.include_speakers or options.include_speakers,
        include_words=form.include_words or options.include_words,
    )


def _known_profile(name: object) -> str:
    """Return the name of a profile; what is not known (any more) is the usual one."""
    return str(name) if name in NAMES else DEFAULT


def _try(sentences: dict[str, str], field: str, **values: Any) -> limits.Checked | None:
    try:
        return limits.check(asset_id=_ANY_ASSET, **values)
    except BadValue as error:
        sentences[field] = sentence(error)
        return None


def _unknown(phrases: Iterable[str], *, among: Iterable[str]) -> tuple[str, ...]:
    known = {phrase.casefold() for phrase in among}
    new: dict[str, str] = {}
    for phrase in phrases:
        if phrase.casefold() not in known:
            new.setdefault(phrase.casefold(), phrase)
    return tuple(new.values())


def _left_out(dropped: tuple[str, ...]) -> str:
    named = ", ".join(show(phrase) for phrase in dropped[:_MOST_NAMED])
    more = f" and {len(dropped) - _MOST_NAMED} more" if len(dropped) > _MOST_NAMED else ""
    return (
        f"Mux takes at most {limits.MAX_PHRASES} phrases, so these of the channel's were left out: "
        f"{named}{more}."
    )
