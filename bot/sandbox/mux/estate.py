"""Several Mux environments behind one address, as Mux's own are: a token opens exactly one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.media import Clip
from bot.sandbox.mux.answers import user_of
from bot.sandbox.mux.catalogue import further_assets
from bot.sandbox.mux.standin import Mux

Handle = Callable[[Request], Awaitable[Response]]


class Estate:
    """Every environment, the first one first; they share a clock, a journal and the faults."""

    def __init__(
        self,
        config: SandboxConfig,
        clock: SandboxClock,
        journal: Journal,
        faults: Faults,
        media: Mapping[str, Clip],
    ) -> None:
        self.first = Mux(config, clock, journal, faults, media)
        self.all = [self.first]
        for one in config.mux_environments:
            assets = further_assets(media, clock.now(), one.id, one.name)
            self.all.append(Mux(config.inside(one), clock, journal, faults, media, assets=assets))

    def routes(self, of: Callable[[Mux], list[Route]]) -> list[Route]:
        """Return one environment's routes for all of them: what a request names decides which is meant."""
        each = [of(mux) for mux in self.all]
        return [
            Route(same[0].path, self._chosen([route.endpoint for route in same]), methods=_methods(same[0]))
            for same in zip(*each, strict=True)
        ]

    def _chosen(self, handles: list[Handle]) -> Handle:
        async def endpoint(request: Request) -> Response:
            return await handles[self.all.index(self._meant(request))](request)

        return endpoint

    def _meant(self, request: Request) -> Mux:
        asked = request.query_params.get("environment", "")
        user = user_of(request.headers)
        for mux in self.all:
            if asked == mux.config.mux_environment_id or mux.opens(user):
                return mux
        named = request.path_params.values()
        return next((mux for mux in self.all if any(mux.holds(str(one)) for one in named)), self.first)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep time moving in all of them while the context is open."""
        async with AsyncExitStack() as stack:
            for mux in self.all:
                await stack.enter_async_context(mux.running())
            yield


def _methods(route: Route) -> list[str]:
    # Starlette adds HEAD to every GET by itself.
    return sorted((route.methods or set()) - {"HEAD"})
