"""One interactive element at its place in a message or view."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.page.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """An element and where it stands.

    `in_input` says that it is a field of an input block: it then tells the bot nothing by itself unless
    `dispatch` lists what makes it (`on_enter_pressed on_character_entered`).
    """

    scene: Scene
    block_id: str
    part: Mapping[str, Any]
    in_input: bool = False
    dispatch: str | None = None

    @property
    def type(self) -> str:
        """Return the element's type."""
        return str(self.part.get("type"))

    @property
    def action_id(self) -> str:
        """Return the element's action id; empty when it has none."""
        return str(self.part.get("action_id") or "")

    @property
    def id(self) -> str:
        """Return an id that is the same at every redraw, so that focus and typed text survive it."""
        return re.sub(r"[^A-Za-z0-9]+", "-", f"f-{self.scene.key}-{self.block_id}-{self.action_id}")

    @property
    def refused(self) -> bool:
        """Say whether the bot refused what stands in this field."""
        return self.in_input and self.block_id in self.scene.errors

    def value(self, state_name: str, initial_name: str) -> Any:
        """Return what was typed or chosen so far, else the element's initial value, else None."""
        typed = self.scene.typed(self.block_id, self.action_id)
        return typed[state_name] if state_name in typed else self.part.get(initial_name)

    def confirm(self) -> str | None:
        """Return a confirm dialog's texts for the page's script, or None when the element asks nothing."""
        confirm = self.part.get("confirm")
        if not isinstance(confirm, Mapping):
            return None
        texts = {
            name: re.sub(r"[*_~`]", "", str((confirm.get(name) or {}).get("text", "")))
            for name in ("title", "text", "confirm", "deny")
        }
        return json.dumps(texts | {"style": confirm.get("style") or ""})

    def hooks(self) -> dict[str, str | None]:
        """Return the attributes by which the page's script knows the element."""
        dispatch = self.dispatch if self.in_input else "always"
        return {
            "data_block": self.block_id,
            "data_action": self.action_id,
            "data_type": self.type,
            "data_dispatch": dispatch,
        }

    def field(self) -> dict[str, str | None]:
        """Return the attributes that tie a field to its label, hint and error."""
        if not self.in_input:
            label = str((self.part.get("placeholder") or {}).get("text") or self.action_id)
            return {"id": self.id, "aria_label": label}
        described = f"{self.id}-hint" + (f" {self.id}-error" if self.refused else "")
        return {
            "id": self.id,
            "aria_describedby": described,
            "aria_invalid": "true" if self.refused else None,
        }
