"""Direct uploads: a place for one file, which becomes an asset when the file is there.

https://www.mux.com/docs/api-reference/video/direct-uploads
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.sandbox.media import Clip
from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.library import Library
from bot.sandbox.mux.model import new_id
from bot.sandbox.mux.webhooks import Webhooks

LEAST_SECONDS: Final = 60
MOST_SECONDS: Final = 604_800
DEFAULT_SECONDS: Final = 3_600


@dataclass(slots=True, kw_only=True)
class Upload:
    """One place; `key` is the secret part of its address, `settings` are those of the asset to be."""

    id: str
    key: str
    timeout_seconds: int
    created_at: float
    settings: dict[str, Any]
    status: str = "waiting"
    asset_id: str = ""

    @property
    def title(self) -> str:
        """The title that the asset gets."""
        return str((self.settings.get("meta") or {}).get("title") or "Untitled")


class Uploads:
    """Every upload by id."""

    def __init__(self, public_url: str, *, library: Library, webhooks: Webhooks) -> None:
        self._public_url = public_url
        self._library = library
        self._webhooks = webhooks
        self.by_id: dict[str, Upload] = {}

    def knows(self, upload_id: str) -> bool:
        """Say whether there is such an upload."""
        return upload_id in self.by_id

    def open(self, body: Any, at: float) -> Upload:
        """Make a place.

        Raises:
            Refused: 400, when the body is not what Mux takes.
        """
        wanted = body if isinstance(body, dict) else {}
        seconds = wanted.get("timeout", DEFAULT_SECONDS)
        settings = wanted.get("new_asset_settings", {})
        if not isinstance(seconds, int) or not LEAST_SECONDS <= seconds <= MOST_SECONDS:
            raise Refused("invalid_parameters", f"timeout must be from {LEAST_SECONDS} to {MOST_SECONDS}")
        if not isinstance(settings, dict):
            raise Refused("invalid_parameters", "new_asset_settings must be an object")
        upload = Upload(
            id=new_id(),
            key=secrets.token_urlsafe(16),
            timeout_seconds=seconds,
            created_at=at,
            settings=settings,
        )
        self.by_id[upload.id] = upload
        self._tell(upload, "created", at)
        return upload

    def get(self, upload_id: str, at: float) -> Upload:
        """Return an upload as it is at that time.

        Raises:
            Refused: 404, when there is none of this id.
        """
        upload = self.by_id.get(upload_id)
        if upload is None:
            raise Refused("not_found", "The requested upload does not exist", listed=True)
        if upload.status == "waiting" and at >= upload.created_at + upload.timeout_seconds:
            upload.status = "timed_out"
        return upload

    def admitted(self, upload_id: str, key: str, at: float) -> Upload:
        """Return the upload whose address this is.

        Raises:
            Refused: 403 for a made-up address, 410 for one that takes nothing any more.
        """
        upload = self.by_id.get(upload_id)
        if upload is None or not hmac.compare_digest(upload.key.encode(), key.encode()):
            raise Refused("forbidden", "Access denied.", status=403)
        if self.get(upload_id, at).status not in {"waiting", "asset_created"}:
            raise Refused("gone", "This upload is over.", status=410)
        return upload

    def take(self, upload: Upload, path: Path, media_type: str, at: float) -> None:
        """Make the asset of a whole file; the same file once more changes nothing."""
        if upload.status != "waiting":
            return
        clip = Clip(
            name=path.stem, title=upload.title, video=path, media_type=media_type, duration_seconds=None
        )
        policies = upload.settings.get("playback_policies") or [""]
        asset = self._library.add(title=upload.title, at=at, clip=clip, policy=str(policies[0]))
        upload.status, upload.asset_id = "asset_created", asset.id
        self._tell(upload, "asset_created", at)

    def to_json(self, upload: Upload, *, with_url: bool) -> dict[str, Any]:
        """Return an upload as the API shows it; its address is shown to whoever makes it."""
        shown: dict[str, Any] = {
            "id": upload.id,
            "status": upload.status,
            "timeout": upload.timeout_seconds,
            "new_asset_settings": upload.settings,
        }
        if upload.asset_id:
            shown["asset_id"] = upload.asset_id
        if with_url:
            shown["url"] = f"{self._public_url}/uploads/{upload.id}/{upload.key}"
        return shown

    def _tell(self, upload: Upload, what: str, at: float) -> None:
        object_ = {"type": "upload", "id": upload.id}
        self._webhooks.emit(f"video.upload.{what}", object_, self.to_json(upload, with_url=False), at)
