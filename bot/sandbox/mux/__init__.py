"""A local Mux: Robots jobs, assets, tracks, signed links and signed webhooks, as strict as the real one.

`Mux(config, clock, journal, faults, load_clips())` holds the state, `routes(mux)` serves it at the site's
root, `control_routes(mux)` lets people and tests play with it, and `async with mux.running():` lets time
do its work. `Estate` holds several environments behind one address.
"""

from __future__ import annotations

from starlette.routing import Route

from bot.sandbox.mux import api_robots, api_system, api_tracks, api_video, control, files
from bot.sandbox.mux.estate import Estate
from bot.sandbox.mux.standin import Mux

__all__ = ["Estate", "Mux", "control_routes", "routes"]


def routes(mux: Mux) -> list[Route]:
    """Return what Mux serves, for the root of a site."""
    rooms = (api_robots, api_video, api_tracks, api_system, files)
    return [route for room in rooms for route in room.routes(mux)]


def control_routes(mux: Mux) -> list[Route]:
    """Return `/_sandbox/mux/...`; in an estate `?environment=` names the one that is meant."""
    return [*control.routes(mux), *mux.hostile.routes()]
