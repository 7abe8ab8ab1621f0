"""Runs ASGI apps on this machine, several in one process if need be, and stops them in order."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Final, TypeVar

import uvicorn
from starlette.applications import Starlette

from bot.errors import OperatorError

_BACKLOG: Final = 2048
_GRACE_SECONDS: Final = 5

T = TypeVar("T")


class _Server(uvicorn.Server):
    """A server that leaves signals to us, so that two of them can stop one after the other."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: `until_stopped` does."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        OperatorError: when the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named asyncio sends at once on what is accepted, as uvloop does anyway; else each
    # answer waits 40 ms for the client to acknowledge its head.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise OperatorError(
            f"cannot listen on {host}:{port} ({error.strerror}); set PORT to another one, or 0 for any"
        ) from error
    sock.listen(_BACKLOG)
    return sock


@asynccontextmanager
async def serving(
    app: Starlette,
    sock: socket.socket,
    *,
    protocol: type[asyncio.Protocol] | None = None,
    before_stop: Callable[[], None] = lambda: None,
) -> AsyncIterator[None]:
    """Serve `app` on `sock`, its lifespan opened before the first request and closed after the last.

    `protocol` takes the place of uvicorn's own HTTP protocol, and only with one there are WebSockets: the
    stand-ins have both. `before_stop` is called before the open connections are waited for.

    An error while the lifespan opens is raised here as it is, not as a server's log line.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        http=protocol or "auto",
        ws="none" if protocol is None else "auto",
        access_log=False,
        # Nothing here asks who called or by which scheme, so nothing that a proxy adds is believed.
        proxy_headers=False,
        log_config=None,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[sock]), name="server")
        stack.push_async_callback(_shut, server, task)
        stack.callback(before_stop)
        yield


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` on the fastest event loop there is for this platform; return what it returns."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Give an event that Ctrl-C or SIGTERM sets; to be entered before anybody is told that we are there."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _shut(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    server.should_exit = True
    await task
