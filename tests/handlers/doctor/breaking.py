"""How things come to be wrong: each step breaks one, and returns the settings that go with it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import sqlite3
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.clock import SystemClock
from bot.sandbox.faults import Fault, FaultKind
from bot.services import workspaces
from bot.store.database import Database
from bot.store.installations import Installation
from bot.vault import Vault, new_key
from tests.handlers.doctor.town import Town

Step = Callable[[Town, Path], Awaitable[dict[str, Any]]]


def behind(how: str) -> Step:
    async def prepare(town: Town, _folder: Path) -> dict[str, Any]:
        await town.run_bot()
        return {"public_url": await town.proxy(how)}

    return prepare


async def another_secret(town: Town, _folder: Path) -> dict[str, Any]:
    await town.run_bot()
    return {"mux_webhook_secret": ("copied-wrongly",)}


async def another_signing_secret(town: Town, _folder: Path) -> dict[str, Any]:
    await town.run_bot()
    return {"slack_signing_secret": "copied-wrongly"}


async def a_running_bot(town: Town, _folder: Path) -> dict[str, Any]:
    await town.run_bot()
    return {}


async def no_database(_town: Town, folder: Path) -> dict[str, Any]:
    (folder / "bad.db").write_text("this is no database, and never was one; " * 40)
    return {"database_url": f"sqlite+aiosqlite:///{folder / 'bad.db'}"}


def version(number: str) -> Step:
    async def prepare(_town: Town, folder: Path) -> dict[str, Any]:
        with sqlite3.connect(folder / "bot.db") as made:
            made.execute("CREATE TABLE alembic_version (version_num TEXT)")
            made.execute("INSERT INTO alembic_version VALUES (?)", (number,))
        return {}

    return prepare


async def uploads_off(town: Town, _folder: Path) -> dict[str, Any]:
    town.sandbox.faults.add(
        Fault(
            kind=FaultKind.REFUSE,
            target="slack:files.getUploadURLExternal",
            code="file_uploads_disabled",
            times=None,
        )
    )
    return {}


def several(**more: Any) -> Step:
    async def prepare(town: Town, _folder: Path) -> dict[str, Any]:
        return {
            "slack_bot_token": "",
            "slack_client_id": town.config.slack_client_id,
            "slack_client_secret": town.config.slack_client_secret,
            "encryption_keys": (new_key(),),
            **more,
        }

    return prepare


async def another_site_for_installing(town: Town, folder: Path) -> dict[str, Any]:
    return {**await several()(town, folder), "public_url": await town.proxy("is another site")}


async def hangs_up(town: Town, _folder: Path) -> dict[str, Any]:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    town.stack.callback(server.close)
    return {"public_url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}


async def sealed_by_another(town: Town, folder: Path) -> dict[str, Any]:
    changes = await several()(town, folder)
    store = Database(town.settings.database_url, SystemClock())
    await store.open()
    sealed = Vault([new_key()]).seal(town.config.slack_bot_token)
    await store.transaction(
        workspaces.install, Installation(place="T0SANDBOX", name="Sandbox", token=sealed), expires_in=None
    )
    await store.close()
    return changes


async def self_signed(town: Town, folder: Path) -> dict[str, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    town.stack.callback(server.close)
    return {"public_url": f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"}


# The steps by the names that wrong.toml calls them by.
STEPS: Final[dict[str, Step]] = {
    "a running bot": a_running_bot,
    "another webhook secret": another_secret,
    "another signing secret": another_signing_secret,
    "no database": no_database,
    **{f"tables of version {number}": version(number) for number in ("0001", "9999")},
    "uploads off": uploads_off,
    **{
        f"a proxy that {how}": behind(how)
        for how in ("passes on", "changes bodies", "drops headers", "redirects", "is down", "is another site")
    },
    "a certificate of its own": self_signed,
    "a server that hangs up": hangs_up,
    "another site for installing": another_site_for_installing,
    "another client id": several(slack_client_id="1.1"),
    "another client secret": several(slack_client_secret="copied-wrongly"),
    "sealed by another key": sealed_by_another,
}
