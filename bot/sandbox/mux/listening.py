"""Where the local Mux gets captions from: prepared ones for our clips, a recogniser for added files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.sandbox import transcribe
from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.media import Clip, Prepared
from bot.sandbox.mux.model import Failure, Job
from bot.sandbox.mux.subtitles import as_heard, words_as_heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """What a job heard. `confidence` (0 to 1) is that of the language, 1 when it was given."""

    srt: str
    words_json: str
    language_code: str
    confidence: float
    duration_seconds: float | None


Transcriber: TypeAlias = Callable[[Clip, Job], Awaitable[transcribe.Heard]]
Heard: TypeAlias = Callable[[Captions | Failure, float], None]


def local_transcriber(config: SandboxConfig) -> Transcriber:
    """Return the recogniser of this machine, as the configuration allows it."""

    async def run(clip: Clip, job: Job) -> transcribe.Heard:
        return await transcribe.transcribe(
            clip.video,
            model_dir=config.caption_model,
            allow_download=config.allow_model_download,
            language_code=job.parameters.get("language_code"),
            hotwords=job.parameters.get("phrases", ()),
        )

    return run


class Listener:
    """Answers at once for our own clips, and from a task of its own for files that need a recogniser."""

    def __init__(self, transcriber: Transcriber, clock: SandboxClock) -> None:
        self._transcriber = transcriber
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, job: Job, at: float, done: Heard) -> None:
        """Call `done` with the captions or the reason why there are none, now or later.

        Needs a running event loop for files that a person added.
        """
        clip = job.asset.clip
        if clip is None:
            done(Failure(type="processing_error", message="The sandbox has no media for this asset."), at)
        elif clip.prepared is not None:
            done(_prepared(clip, clip.prepared, job), at)
        else:
            task = asyncio.ensure_future(self._transcribe(clip, job, done))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until nothing is being transcribed."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Give up what is being transcribed; a worker thread ends by itself."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _transcribe(self, clip: Clip, job: Job, done: Heard) -> None:
        try:
            heard = await self._transcriber(clip, job)
        except transcribe.CannotTranscribeError as error:
            done(Failure(type="processing_error", message=str(error)), self._clock.now())
            return
        if not heard.cues:
            nothing = Failure(type="processing_error", message="No speech was found in this file.")
            done(nothing, self._clock.now())
            return
        words = [{"word": word.text, "start": word.start, "end": word.end} for word in heard.words]
        captions = Captions(
            srt=transcribe.srt(heard.cues),
            words_json=json.dumps({"words": words}, ensure_ascii=False),
            language_code=heard.language_code,
            confidence=1.0 if "language_code" in job.parameters else heard.confidence,
            duration_seconds=heard.duration_seconds,
        )
        done(captions, self._clock.now())


def _prepared(clip: Clip, prepared: Prepared, job: Job) -> Captions:
    phrases = job.parameters.get("phrases", ())
    words = words_as_heard(prepared, phrases=phrases)
    return Captions(
        srt=as_heard(prepared, speakers=job.parameters["include_speakers"], phrases=phrases),
        words_json=json.dumps({"words": words}, ensure_ascii=False),
        language_code=prepared.language_code,
        confidence=1.0 if "language_code" in job.parameters else job.asset.detection_confidence,
        duration_seconds=clip.duration_seconds,
    )
