"""`caption-bot keys new | rotate`: the keys that tokens are encrypted with."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bot import settings as setting
from bot.clock import SystemClock
from bot.errors import OperatorError, SettingsError
from bot.settings import Settings
from handlers import options


@click.group(cls=options.Group)
def app() -> None:
    """Make and change the keys that tokens are encrypted with."""


@app.command()
def new() -> None:
    """Print a new key, for ENCRYPTION_KEYS."""
    from bot.vault import new_key

    click.echo(new_key())


@app.command()
@options.ENV_FILE
def rotate(env_file: Path) -> None:
    """Encrypt everything with the first of ENCRYPTION_KEYS; afterwards the others can be removed."""
    try:
        count = asyncio.run(_rotate(setting.load(env_file)))
    except OperatorError as error:
        click.echo(f"caption-bot: {error}", err=True)
        raise click.exceptions.Exit(2) from None
    click.echo(f"{count} tokens and secrets are encrypted with the first key now; the others can be removed.")


async def _rotate(settings: Settings) -> int:
    from bot.services import resealing
    from bot.store.database import Database
    from bot.vault import Vault

    if not settings.encryption_keys:
        raise SettingsError("ENCRYPTION_KEYS is missing; put the new key before the old one, with a comma")
    vault = Vault([key.get_secret_value() for key in settings.encryption_keys])
    store = Database(settings.database_url, SystemClock())
    await store.open()
    try:
        return await store.transaction(resealing.reseal, vault.again)
    finally:
        await store.close()
