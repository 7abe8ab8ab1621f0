"""The schema: from nothing to the newest, on both engines, and never backwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.errors import OperatorError
from bot.store import engines, migrate
from bot.store.database import Database
from bot.store.schema import HEAD, metadata

UPGRADE = """
import asyncio, sys
from bot.store import engines, migrate
async def main():
    engine = engines.create(sys.argv[1])
    await migrate.upgrade(engine)
    await engine.dispose()
asyncio.run(main())
print("alembic" in sys.modules)
"""


@pytest.fixture(params=["sqlite_url", "empty_postgres"])
def empty_url(request):
    """The URL of a database without a table, once on each engine."""
    return request.getfixturevalue(request.param)


@pytest.fixture
async def empty(empty_url):
    """An engine on a database without a table."""
    engine = engines.create(empty_url)
    yield engine
    await engine.dispose()


async def test_an_empty_database_gets_the_newest_schema(empty):
    await migrate.upgrade(empty)
    async with empty.connect() as conn:
        assert await conn.run_sync(migrate.version) == HEAD
        differences = await conn.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


async def test_an_upgrade_at_the_newest_schema_changes_nothing(empty):
    await migrate.upgrade(empty)
    await migrate.upgrade(empty)


def test_the_newest_schema_is_the_newest_script():
    config = Config()
    config.set_main_option("script_location", str(migrate._SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty):
    await migrate.upgrade(empty)
    async with empty.begin() as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OperatorError, match=r"schema 9999.*install the newer version"):
        await migrate.upgrade(empty)
    async with empty.connect() as conn:
        assert await conn.run_sync(migrate.version) == "9999"


async def test_a_refused_file_is_free_for_the_right_version(sqlite_url, clock):
    store = Database(sqlite_url, clock)
    await store.open()
    await store.transaction(lambda tx: tx.conn.execute(text("UPDATE alembic_version SET version_num='9999'")))
    await store.close()
    with pytest.raises(OperatorError):
        await store.open()
    with pytest.raises(OperatorError, match="9999"):
        await Database(sqlite_url, clock).open()


async def test_at_the_newest_schema_nothing_of_alembic_is_imported(database_url, clock):
    store = Database(database_url, clock)
    await store.open()
    await store.close()
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", UPGRADE, database_url],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "False"


async def test_three_replicas_that_start_at_once_on_an_empty_server_all_come_up(empty_postgres, clock):
    replicas = [Database(empty_postgres, clock) for _ in range(3)]
    await asyncio.gather(*(replica.open() for replica in replicas))
    for replica in replicas:
        assert await replica.transaction(lambda tx: migrate.version(tx.conn)) == HEAD
        await replica.close()
