"""`/caption doctor`: the running bot examines itself for somebody who may know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bot.rules.policy import Asker
from handlers.means import Means
from handlers.replying import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """Answers ephemerally, after the ack.

    Admins and owners of the workspace may ask, whoever installed the app there, and the people in
    ALLOWED_ADMINS. Where each workspace installs the app itself, its admins learn of their workspace alone.
    """

    means: Means

    def work(self, asker: Asker, response_url: str) -> Work:
        """Return what is to be done when the ack has left."""
        return partial(self._answer, asker, response_url)

    async def _answer(self, asker: Asker, response_url: str) -> None:
        # Only here: few ask, and every start would wait for the fourteen modules that it takes.
        from handlers.examination import Examination

        await Examination(means=self.means).answer(asker, response_url)
