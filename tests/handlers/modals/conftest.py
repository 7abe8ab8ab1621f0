"""What every test of the forms may ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.rules.video import Video
from bot.services import catalogue
from tests.handlers.modals.forms import VIDEO


@pytest.fixture
def send(doors) -> Callable[..., Any]:
    """Return a function that sends an interaction as Ana in the team T1."""

    async def interact(kind: str, **fields: Any) -> Any:
        body = {
            "type": kind,
            "team": {"id": "T1", "domain": "films"},
            "user": {"id": "U1", "username": "ana", "team_id": "T1"},
            "trigger_id": "1.2.3",
            "response_url": "http://127.0.0.1/secret",
            **fields,
        }
        response = await doors.slack(
            urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"
        )
        assert response.status_code == 200, response.text
        return response.json() if response.content else {}

    return interact


@pytest.fixture
async def known(doors) -> Video:
    """Put a video into the catalogue."""
    await doors.store.transaction(catalogue.learn, "default", [VIDEO])
    return VIDEO
