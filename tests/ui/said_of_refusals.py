"""Sentences that several refusals end with."""

from __future__ import annotations

FREE = "Nothing was charged: Mux refused before any work began."
UNSURE = "Whether Mux charged anything is not known."
LOOK = (
    "Look for the job in the Mux dashboard before you run the command again, so that it "
    "is not paid for twice."
)
CHOICES = (
    "Choose one and run the command again: `--replace` deletes the old track first, `--name` gives the new "
    "track a name of its own when only the name is taken, `--no-upload` makes the files and leaves the "
    "asset as it is."
)
