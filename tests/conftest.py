"""What every test may ask for."""

from __future__ import annotations

import asyncio
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store import effects
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.tx import Tx

_TEMPLATE = "captions_template"

# A deadline for each example is a timed test, which a busy machine fails for no reason.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, the only loop that the bot runs on."""
    return "asyncio"


class FakeClock:
    """A clock that a test moves; who sleeps on it moves it too, and does not wait."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)

    def forward(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that only the test moves."""
    return FakeClock()


def _binary(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join(map(str, places))) or shutil.which(name)


class _Server:
    """A throw-away PostgreSQL on loopback, its files in a folder of its own, gone afterwards."""

    def __init__(self, initdb: str, pg_ctl: str, user: str | None) -> None:
        self._pg_ctl = pg_ctl
        # PostgreSQL refuses to run as root.
        self._as_user = [] if user is None else ["runuser", "-u", user, "--"]
        self._folder = Path(tempfile.mkdtemp(prefix="caption-bot-postgres-"))
        if user is not None:
            shutil.chown(self._folder, user)
        self._data = self._folder / "data"
        self._guard = self._watched()
        self._run(initdb, "-D", self._data, "-U", "captions", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = (
            f"-h 127.0.0.1 -p {port} -c unix_socket_directories='' -c fsync=off -c full_page_writes=off "
            "-c synchronous_commit=off -c max_connections=200 -c shared_buffers=64MB"
        )
        log = self._folder / "log"
        self._run(self._pg_ctl, "-D", self._data, "-l", log, "-w", "-t", "30", "-o", options, "start")
        return f"postgresql+asyncpg://captions@127.0.0.1:{port}/postgres"

    def stop(self) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(timeout=60)

    def _watched(self) -> subprocess.Popen[bytes]:
        # It waits for the end of this process, however that comes, so that no server outlives its tests.
        script = 'cat; "$1" -D "$2" -m immediate -w stop; rm -rf "$3"'
        return subprocess.Popen(  # noqa: S603 - as in `_run`
            [*self._as_user, "sh", "-c", script, "sh", self._pg_ctl, str(self._data), str(self._folder)],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _run(self, *command: str | Path) -> None:
        # Files instead of pipes, because the server inherits them and would keep a pipe open.
        with tempfile.TemporaryFile() as output:
            subprocess.run(  # noqa: S603 - the binaries of this machine, arguments of our own
                [*self._as_user, *map(str, command)],
                check=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=60,
            )


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres to run it as")
    return "postgres"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Return the URL of a PostgreSQL server: the one that is named, or one started here from its binaries."""
    named = os.environ.get("CAPTION_BOT_TEST_POSTGRES")
    if named:
        yield named
        return
    initdb, pg_ctl = _binary("initdb"), _binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("no PostgreSQL here: set CAPTION_BOT_TEST_POSTGRES to a URL, or install its binaries")
    server = _Server(initdb, pg_ctl, _unprivileged())
    url = server.start()
    yield url
    server.stop()


async def _forget(server: str, name: str) -> None:
    # A server of our own is thrown away whole; dropping each database would cost a checkpoint each time.
    if os.environ.get("CAPTION_BOT_TEST_POSTGRES"):
        await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(url: str, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as conn:
        for statement in statements:
            await conn.execute(text(statement))
    await engine.dispose()


async def _migrate(url: str) -> None:
    engine = create_async_engine(url)
    await upgrade(engine)
    await engine.dispose()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """Return the name of a database at the newest schema, from which others are copied in no time."""
    name = f"{_TEMPLATE}_{secrets.token_hex(4)}"
    asyncio.run(_administer(postgres_server, f"CREATE DATABASE {name}"))
    asyncio.run(_migrate(_named(postgres_server, name)))
    return name


@pytest.fixture
async def empty_postgres(postgres_server: str) -> AsyncIterator[str]:
    """Return the URL of an empty database on PostgreSQL."""
    name = f"captions_{secrets.token_hex(6)}"
    await _administer(postgres_server, f"CREATE DATABASE {name}")
    yield _named(postgres_server, name)
    await _forget(postgres_server, name)


@pytest.fixture
async def postgres_url(postgres_server: str, postgres_template: str) -> AsyncIterator[str]:
    """Return the URL of a database on PostgreSQL that has the newest schema and no rows."""
    name = f"captions_{secrets.token_hex(6)}"
    await _administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _named(postgres_server, name)
    await _forget(postgres_server, name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of an SQLite file that is not there yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database, once on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def store(database_url: str, clock: FakeClock) -> AsyncIterator[Database]:
    """Return an open store, once on each engine. On PostgreSQL the time is the server's, not `clock`'s."""
    opened = Database(database_url, clock)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str, clock: FakeClock) -> AsyncIterator[Database]:
    """Return an open store on SQLite, whose time is `clock`'s."""
    opened = Database(sqlite_url, clock)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def postgres_store(postgres_url: str, clock: FakeClock) -> AsyncIterator[Database]:
    """Return an open store on PostgreSQL."""
    opened = Database(postgres_url, clock)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def rival(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """Return an engine at the database of `postgres_store`, as another replica has it."""
    engine = create_async_engine(postgres_url)
    yield engine
    await engine.dispose()


def _prepared(tx: Tx, public_id: str) -> None:
    """Let the create of a job go as if its video had been looked at."""
    looked_at = effects.by_key(tx, f"{public_id}:prepare")
    if looked_at is not None:
        effects.settle(tx, looked_at.id, error="")
        effects.release(tx, [f"{public_id}:create"])


@pytest.fixture
def prepared() -> Callable[[Tx, str], None]:
    """Return a transaction function that lets a job's create go as if its video had been looked at."""
    return _prepared


@pytest.fixture
def query_on() -> Callable[[Database], Callable[..., Any]]:
    """Return a function that makes a function that runs one statement on a store and returns its rows."""
    return _query_on


@pytest.fixture
def query(store: Database) -> Callable[..., Any]:
    """Return a function that runs one statement on `store` and returns its rows."""
    return _query_on(store)


def _query_on(store: Database) -> Callable[..., Any]:
    async def run(statement: str, **parameters: Any) -> list[Any]:
        def rows(tx: Any) -> list[Any]:
            result = tx.conn.execute(text(statement), parameters)
            return list(result) if result.returns_rows else []

        return await store.transaction(rows)

    return run
