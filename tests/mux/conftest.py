"""Samples of what Mux says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

JOB: dict[str, Any] = {
    "id": "rjob_1",
    "workflow": "generate-premium-captions",
    "status": "completed",
    "units_consumed": 3000,
    "created_at": 1_790_000_000,
    "updated_at": 1_790_000_600,
    "passthrough": "captionbot:j1",
    "parameters": {"asset_id": "asset1", "upload_to_mux": True},
    "resources": {"assets": [{"id": "asset1", "meta": {"title": " Keynote "}}]},
    "outputs": {
        "track_id": "track1",
        "language_code": "en",
        "detected_language": "en",
        "auto_language_confidence": 0.97,
        "temporary_srt_url": "https://storage.example/a.srt",
        "replaced_tracks": [{"id": "old1", "type": "text", "name": "English", "language_code": "en-US"}],
    },
}


@pytest.fixture
def job() -> Callable[..., dict[str, Any]]:
    """Return a builder of a completed job as Mux spells it; None as a value leaves the key out."""

    def build(**changes: Any) -> dict[str, Any]:
        return {key: value for key, value in {**JOB, **changes}.items() if value is not None}

    return build


@pytest.fixture
def envelope(job) -> Callable[..., dict[str, Any]]:
    """Return a builder of a webhook body around a job."""

    def build(status: str = "completed", **changes: Any) -> dict[str, Any]:
        event = {
            "type": f"robots.job.generate_premium_captions.{status}",
            "id": "evt-1",
            "created_at": "2026-11-22T10:00:00.000000Z",
            "object": {"type": "job", "id": "rjob_1"},
            "environment": {"name": "Production", "id": "env1"},
            "data": job(status=status),
            "attempts": [],
            **changes,
        }
        return {key: value for key, value in event.items() if value is not None}

    return build
