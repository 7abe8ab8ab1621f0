"""Whatever is sent to it, the bot answers in time, does not fall over, and tells no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.__main__ import attack


@pytest.mark.parametrize("several", [False, True])
async def test_odd_requests_to_every_route_do_no_harm(tmp_path: Path, several: bool):
    found = await attack(tmp_path, 600, seed=7, several=several)
    assert found.problems == []
    # Most of what is odd is refused, and what is as it should be is not.
    assert found.statuses[200] > 100
    assert found.statuses[401] > 10
