"""The doctor against a healthy set-up, and against one thing wrong at a time."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
import re
import sqlite3
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner

from bot.clock import SystemClock
from bot.rules.diagnosis.finding import Finding, Level
from bot.sandbox import app as sandbox_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.faulty import HangupProtocol
from bot.services import environments, workspaces
from bot.settings import Settings
from bot.store.database import Database
from bot.store.environments import Environment
from bot.store.installations import Installation
from bot.vault import Vault, new_key
from handlers import cli, demo, doctor, serving
from handlers.app import build
from handlers.checks import everything, vendors

SCOPES = (
    *("commands", "chat:write", "files:write", "files:read", "users:read", "im:write"),
    *("channels:history", "groups:history", "im:history", "mpim:history"),
)
NOWHERE = "http://127.0.0.1:1"


class Shifted(SystemClock):
    """A clock that is wrong by some seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return time.time() + self._seconds


class Proxy:
    """What stands in front of the bot, and does to requests what `how` says."""

    def __init__(self, bot_url: str, how: str) -> None:
        self._bot_url = bot_url
        self._how = how

    async def pass_on(self, request: Request) -> Response:
        body, headers = await request.body(), dict(request.headers)
        if self._how == "redirects":
            return RedirectResponse("https://www.example.com/elsewhere")
        if self._how == "is down":
            return PlainTextResponse("Bad Gateway", 502)
        if self._how == "is another site":
            return PlainTextResponse("<html>Welcome</html>")
        if self._how == "changes bodies":
            body, _ = body + b" ", headers.pop("content-length")
        if self._how == "drops headers":
            headers = {
                name: value
                for name, value in headers.items()
                if "signature" not in name and "slack" not in name
            }
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{self._bot_url}{request.url.path}", content=body, headers=headers)
        return Response(answer.content, answer.status_code, media_type="application/json")


@dataclass
class Town:
    """A sandbox, a bot on demand, and what the doctor says of settings."""

    stack: AsyncExitStack
    config: SandboxConfig
    settings: Settings
    sandbox: Any
    port: int

    async def run_bot(self, **changes: Any) -> None:
        """Start the bot, with settings that may differ from those that the doctor is shown."""
        sock = self.stack.enter_context(serving.listen("127.0.0.1", self.port))
        settings = self.settings.model_copy(update=changes)
        await self.stack.enter_async_context(serving.serving(build(settings), sock))

    async def proxy(self, how: str) -> str:
        """Put something in front of the bot and return its address."""
        sock = self.stack.enter_context(serving.listen("127.0.0.1", 0))
        passing = Proxy(self.config.bot_url, how)
        app = Starlette(routes=[Route("/{path:path}", passing.pass_on, methods=["POST"])])
        await self.stack.enter_async_context(serving.serving(app, sock))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"

    async def examined(self, *, shift: float = 0.0, **changes: Any) -> list[Finding]:
        """Let the doctor examine the settings with changes."""
        given = {**self.settings.model_dump(), **changes}
        return await everything.examine(Settings.model_validate(given), Shifted(shift))


@pytest.fixture
async def town(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    """`request.param` changes the sandbox's configuration."""
    async with AsyncExitStack() as stack:
        page = stack.enter_context(serving.listen("127.0.0.1", 0))
        with serving.listen("127.0.0.1", 0) as free:
            port = int(free.getsockname()[1])
        config = replace(
            SandboxConfig(slack_scopes=SCOPES),
            bot_url=f"http://127.0.0.1:{port}",
            public_url=f"http://127.0.0.1:{page.getsockname()[1]}",
            **getattr(request, "param", {}),
        )
        app = sandbox_app.build(config)
        await stack.enter_async_context(
            serving.serving(app, page, protocol=HangupProtocol, before_stop=app.state.sandbox.end_streams)
        )
        settings = demo.settings_for(config, database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
        yield Town(stack, config, settings, app.state.sandbox, port)


Prepare = Callable[[Town, Path], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One thing that is wrong, and what the doctor must say of it."""

    code: str
    said: str
    fix: str
    level: Level = Level.PROBLEM
    settings: dict[str, Any] = field(default_factory=dict)
    sandbox: dict[str, Any] = field(default_factory=dict)
    prepare: Prepare | None = None
    shift: float = 0.0


def without(*scopes: str) -> dict[str, Any]:
    return {"slack_scopes": tuple(scope for scope in SCOPES if scope not in scopes)}


def behind(how: str) -> Prepare:
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


async def a_wrong_clock(town: Town, _folder: Path) -> dict[str, Any]:
    await town.run_bot()
    return {}


async def no_database(_town: Town, folder: Path) -> dict[str, Any]:
    (folder / "bad.db").write_text("this is no database, and never was one; " * 40)
    return {"database_url": f"sqlite+aiosqlite:///{folder / 'bad.db'}"}


def version(number: str) -> Prepare:
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


def several(**more: Any) -> Prepare:
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


ALL_WRONG = (
    Wrong(
        code="bot_token_kind",
        settings={"slack_bot_token": "xoxp-1-secret"},
        said="SLACK_BOT_TOKEN is a token of a person: it has to begin with xoxb-",
        fix='Copy the "Bot User OAuth Token"',
    ),
    Wrong(
        code="app_token_kind",
        settings={"slack_app_token": "xoxb-1-secret"},
        said="SLACK_APP_TOKEN is a bot token: it has to begin with xapp-",
        fix="with connections:write",
    ),
    Wrong(
        code="signing_secret_odd",
        settings={"slack_signing_secret": "xapp-1-secret"},
        said="SLACK_SIGNING_SECRET is an app-level token",
        fix='Copy the "Signing Secret" from "Basic Information".',
    ),
    Wrong(
        code="public_url_missing",
        level=Level.WARNING,
        settings={"public_url": ""},
        said="PUBLIC_URL is not set",
        fix="Set PUBLIC_URL to the https address",
    ),
    Wrong(
        code="public_url_http",
        settings={"public_url": "http://captions.example.com"},
        said="PUBLIC_URL begins with http://",
        fix="Put a proxy with a certificate in front of the bot",
    ),
    Wrong(
        code="public_url_path",
        settings={"public_url": "https://captions.example.com/slack/events"},
        said="ends with the path of one door",
        fix="PUBLIC_URL=https://captions.example.com",
    ),
    Wrong(
        code="clock_off",
        level=Level.WARNING,
        shift=120,
        said="s ahead of Slack's; from 300 s on signatures are refused",
        fix="timedatectl set-ntp true",
    ),
    Wrong(
        code="clock_wrong",
        shift=-400,
        said="s behind Slack's: signatures are refused",
        fix="timedatectl set-ntp true",
    ),
    Wrong(
        code="door_stale",
        shift=400,
        prepare=a_wrong_clock,
        said="too old or too new: clocks disagree",
        fix="Let both machines set their clocks",
    ),
    Wrong(
        code="database_folder",
        settings={"database_url": "sqlite+aiosqlite:////nowhere/at-all/bot.db"},
        said="/nowhere/at-all is not there",
        fix="Make the folder",
    ),
    Wrong(
        code="database_unreachable",
        prepare=no_database,
        said="does not work: file is not a database",
        fix="look at DATABASE_URL",
    ),
    Wrong(
        code="schema_newer",
        prepare=version("9999"),
        said="the tables are of version 9999",
        fix="Install the newer version again",
    ),
    Wrong(
        code="schema_older",
        level=Level.WARNING,
        prepare=version("0001"),
        said="the tables are of version 0001",
        fix="caption-bot db backup",
    ),
    Wrong(
        code="slack_unreachable",
        settings={"slack_api_url": f"{NOWHERE}/api/"},
        said="Slack did not answer: Slack was not reached for auth.test",
        fix="SLACK_API_URL",
    ),
    Wrong(
        code="slack_token_refused",
        settings={"slack_bot_token": "xoxb-never-given"},
        said="Slack does not accept SLACK_BOT_TOKEN (invalid_auth): Slack does not know it",
        fix='Copy the "Bot User OAuth Token"',
    ),
    Wrong(
        code="scope_missing",
        sandbox=without("chat:write"),
        said="needed: commands, chat:write; missing: chat:write.",
        fix='Add chat:write under "OAuth & Permissions", and reinstall the app',
    ),
    Wrong(
        code="scope_read_back",
        level=Level.WARNING,
        sandbox=without("groups:history", "im:write"),
        said="optional and not given: groups:history, im:write",
        fix="Add groups:history and im:write under",
    ),
    Wrong(
        code="scope_files_write",
        level=Level.WARNING,
        sandbox=without("files:write"),
        said="finished files are not shared in the thread",
        fix="Add files:write under",
    ),
    Wrong(
        code="scope_users_read",
        level=Level.WARNING,
        sandbox=without("users:read"),
        said="guests cannot be told from members",
        fix="Add users:read under",
    ),
    Wrong(
        code="app_token_refused",
        settings={"slack_app_token": "xapp-never-given"},
        said="Slack does not accept SLACK_APP_TOKEN (invalid_auth)",
        fix='switch "Socket Mode" on',
    ),
    Wrong(
        code="not_in_channel",
        level=Level.WARNING,
        settings={"allowed_channels": ("C0ANNOUNCE",)},
        said="the bot is not a member",
        fix="/invite @Caption Bot",
    ),
    Wrong(
        code="channel_not_found",
        level=Level.WARNING,
        settings={"allowed_channels": ("C0MISSPELT",)},
        said="Slack shows no such channel",
        fix="Correct ALLOWED_CHANNELS",
    ),
    Wrong(
        code="uploads_disabled",
        prepare=uploads_off,
        said="uploads are off in this workspace (file_uploads_disabled)",
        fix="Ask an owner of the workspace",
    ),
    Wrong(
        code="mux_unreachable",
        settings={"mux_base_url": NOWHERE},
        said="Mux did not answer: Mux was not reached",
        fix="MUX_BASE_URL",
    ),
    Wrong(
        code="mux_token_refused",
        settings={"mux_token_secret": "copied-wrongly"},
        said="Mux does not accept MUX_TOKEN_ID with MUX_TOKEN_SECRET (401)",
        fix="Copy both of one access token",
    ),
    Wrong(
        code="robots_missing",
        settings={"mux_token_id": "sandbox-reader-id", "mux_token_secret": "sandbox-reader-secret"},
        said="lacks Robots (robots:*)",
        fix="it cannot be added to an existing token",
    ),
    Wrong(
        code="video_read_missing",
        sandbox={"mux_permissions": ("robots:*",)},
        said="may not read videos (video:read)",
        fix="Mux Video read beside Robots",
    ),
    Wrong(
        code="video_write_missing",
        level=Level.WARNING,
        sandbox={"mux_permissions": ("robots:*", "video:read")},
        said="may not write to Mux Video",
        fix="Mux Video write beside Robots",
    ),
    Wrong(
        code="terms_pending",
        sandbox={"mux_terms_accepted": False},
        said="the terms of Robots are not accepted in this environment",
        fix="accept its terms",
    ),
    Wrong(
        code="robots_version",
        settings={"mux_robots_version": "v9"},
        said="Mux has no such version of Robots",
        fix="Remove MUX_ROBOTS_VERSION",
    ),
    Wrong(
        code="webhook_absent",
        prepare=behind("passes on"),
        said="Mux has no webhook to",
        fix="put its signing secret into MUX_WEBHOOK_SECRET",
    ),
    Wrong(code="door_closed", said="nothing listens at", fix="Start the bot and the proxy"),
    Wrong(
        code="door_secret",
        prepare=another_secret,
        said="the running bot has another MUX_WEBHOOK_SECRET than these settings",
        fix="Copy the secret again into MUX_WEBHOOK_SECRET",
    ),
    Wrong(
        code="door_secret",
        prepare=another_signing_secret,
        said="the running bot has another SLACK_SIGNING_SECRET than these settings",
        fix="Copy the secret again into SLACK_SIGNING_SECRET",
    ),
    Wrong(
        code="door_body",
        prepare=behind("changes bodies"),
        said="the body arrived changed",
        fix="byte for byte",
    ),
    Wrong(
        code="door_header",
        prepare=behind("drops headers"),
        said="the signature did not arrive",
        fix="pass every header on",
    ),
    Wrong(
        code="door_redirects",
        prepare=behind("redirects"),
        said="redirects to https://www.example.com",
        fix="write the address it redirects to as PUBLIC_URL",
    ),
    Wrong(
        code="door_behind",
        prepare=behind("is down"),
        said="answers 502: it does not reach the bot",
        fix="the bot's HOST and PORT",
    ),
    Wrong(
        code="door_other",
        prepare=behind("is another site"),
        said="is answered by something else than the bot (200)",
        fix="/slack/events and /mux/webhooks",
    ),
    Wrong(
        code="door_certificate",
        prepare=self_signed,
        said="is not trusted (self-signed certificate)",
        fix="a certificate of a public authority",
    ),
    Wrong(
        code="door_broken",
        prepare=hangs_up,
        said="the connection to http://127.0.0.1:",
        fix="it may speak http where PUBLIC_URL says https",
    ),
    Wrong(
        code="install_page",
        prepare=another_site_for_installing,
        said="is answered by something else than the bot (405)",
        fix="/slack/install and /slack/oauth_redirect",
    ),
    Wrong(
        code="client_id_wrong",
        prepare=several(slack_client_id="1.1"),
        said="Slack does not know SLACK_CLIENT_ID",
        fix='Copy the "Client ID"',
    ),
    Wrong(
        code="client_secret_wrong",
        prepare=several(slack_client_secret="copied-wrongly"),
        said="SLACK_CLIENT_SECRET does not belong to the client id",
        fix='Copy the "Client Secret"',
    ),
    Wrong(
        code="key_missing",
        prepare=sealed_by_another,
        said="no key of ENCRYPTION_KEYS opens what is stored for T0SANDBOX",
        fix="behind the newest one",
    ),
)


@pytest.mark.parametrize(
    ("town", "wrong"),
    [
        pytest.param(wrong.sandbox, wrong, id=f"{number:02}-{wrong.code}")
        for number, wrong in enumerate(ALL_WRONG)
    ],
    indirect=["town"],
)
async def test_each_thing_that_is_wrong_is_named_with_its_fix(town, wrong, tmp_path):
    changes = {} if wrong.prepare is None else await wrong.prepare(town, tmp_path)

    found = await town.examined(shift=wrong.shift, **wrong.settings, **changes)

    told = [each for each in found if each.code == wrong.code and wrong.said in each.said]
    assert told, doctor.in_words(found)
    assert wrong.fix in told[0].fix
    assert told[0].level is wrong.level
    assert_nothing_secret(found, town, {**wrong.settings, **changes})


def assert_nothing_secret(found: list[Finding], town: Town, changes: dict[str, Any]) -> None:
    names = ("slack_bot_token", "slack_signing_secret", "slack_app_token", "mux_token_secret")
    given = {**town.settings.model_dump(), **changes}
    secrets = [given[name] for name in names]
    plain = [one if isinstance(one, str) else one.get_secret_value() for one in secrets]
    said = doctor.in_json(found)
    assert not [one for one in plain if one and one in said]


def test_the_page_about_connecting_lists_every_finding_that_is_shown_here():
    page = (Path(__file__).parents[2] / "docs" / "connect.md").read_text()

    listed = re.findall(r"^\| `([a-z_]+)` \|", page.partition("| Code |")[2], re.MULTILINE)

    assert listed == list(dict.fromkeys(["setting_wrong", *(wrong.code for wrong in ALL_WRONG)]))


async def test_a_healthy_set_up_has_no_findings_to_mend(town):
    await town.run_bot()

    found = await town.examined(allowed_channels=("C0DEMO",))

    assert [each for each in found if each.level is not Level.OK] == []
    assert doctor.in_words(found).endswith("Everything that was looked at is as it should be.")
    checks = {each.check for each in found}
    assert {"Clock", "Slack scopes", "Channel C0DEMO", "Uploads to Slack", "Mux Robots"} <= checks
    assert {"Slack's way in", "Mux's way in", "Database schema", "Database lock"} <= checks


async def test_by_socket_the_app_token_is_looked_at_and_no_door_for_slack(town):
    found = await town.examined(
        slack_app_token=town.config.slack_app_token, mux_webhook_secret=(), public_url=""
    )

    assert [each for each in found if each.level is not Level.OK] == []
    checks = {each.check for each in found}
    assert {"App token", "Unused setting"} <= checks
    assert "Slack's way in" not in checks


async def test_slack_that_asks_for_patience_is_not_taken_for_a_problem(town):
    for target in ("slack:conversations.history", "slack:files.getUploadURLExternal"):
        town.sandbox.faults.add(Fault(kind=FaultKind.RATE_LIMITED, target=target, times=None))

    found = await town.examined(allowed_channels=("C0DEMO",), public_url="")

    assert {"channel_not_seen", "upload_refused"} <= {each.code for each in found}
    assert [each for each in found if each.level is Level.PROBLEM] == []


async def test_looking_leaves_nothing_behind(town, tmp_path):
    await town.examined(allowed_channels=("C0DEMO",))

    assert list(tmp_path.iterdir()) == []
    assert town.sandbox.journal.find("slack.effect") == []


async def test_looking_takes_no_longer_than_one_question(town):
    sandbox = town.sandbox
    for target in ("slack:auth.test", "mux:whoami"):
        sandbox.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, target=target, seconds=0.5, times=None))

    started = time.monotonic()
    found = await town.examined()

    assert time.monotonic() - started < 5
    assert {"slack_unreachable", "mux_unreachable"} <= {each.code for each in found}


async def typed(town: Town, user: str) -> tuple[str, str]:
    """Type `/caption doctor` as somebody; return the answer at once and the one that follows."""
    body = {"user_id": user, "channel_id": "C0DEMO", "command": "/caption", "text": "doctor"}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        first = await http.post(f"{town.config.public_url}/_sandbox/slack/command", json=body)
    for _ in range(500):
        calls = town.sandbox.journal.find("slack.call", "response_url")
        if calls:
            return first.text, calls[-1].data["args"]["text"]
        await asyncio.sleep(0.01)
    raise AssertionError("no answer followed")


async def test_an_admin_is_answered_at_once_and_then_in_full(town):
    await town.run_bot()

    at_once, then = await typed(town, "U0ADA")

    assert "the answer follows here" in at_once
    assert then.startswith("Everything that was looked at is as it should be.")
    assert "Mux Robots" in then


async def test_what_is_wrong_comes_first_with_its_fix(town):
    await uploads_off(town, Path())
    await town.run_bot(mux_robots_version="v9")

    _, then = await typed(town, "U0ADA")

    assert then.startswith("2 problems among")
    assert "Problem: Mux Robots: Mux has no such version of Robots (404). Remove MUX_ROBOTS_VERSION" in then


async def test_members_learn_nothing_unless_the_operator_names_them(town):
    await town.run_bot()
    _, refused = await typed(town, "U0ANA")
    assert refused.startswith("Only admins of this workspace")
    assert "Mux" not in refused


async def test_the_operator_may_name_further_people(town):
    await town.run_bot(allowed_admins=("U0ANA",))
    _, then = await typed(town, "U0ANA")
    assert "Mux Robots" in then


@pytest.mark.parametrize("town", [without("users:read")], indirect=True)
async def test_without_users_read_nobody_is_taken_for_an_admin(town):
    await town.run_bot()
    _, then = await typed(town, "U0ADA")
    assert "lacks the optional scope `users:read`" in then
    assert "ALLOWED_ADMINS" in then


async def two_tenants(town: Town) -> dict[str, Any]:
    """Install the app in two workspaces, one of which has connected Mux; return the settings for that."""
    key = new_key()
    vault, config = Vault([key]), town.config
    store = Database(town.settings.database_url, SystemClock())
    await store.open()
    for place, token, expires_in in (
        ("T0SANDBOX", config.slack_bot_token, None),
        ("T0NORTH", "xoxb-over", 1e-6),
    ):
        new = Installation(place=place, name=place.title(), installer_id="U0BEN", token=vault.seal(token))
        await store.transaction(workspaces.install, new, expires_in=expires_in)
    made = await store.transaction(
        environments.connect,
        Environment(
            account="",
            team_id="T0SANDBOX",
            environment_id="sandbx",
            token_id=vault.seal(config.mux_token_id),
            token_secret=vault.seal(config.mux_token_secret),
            connected_by="U0BEN",
        ),
    )
    assert made is not None
    await store.transaction(
        environments.told_by_webhook, made.account, webhook_id="w1", webhook_secret=vault.seal("hook-secret")
    )
    await store.close()
    return {
        "slack_bot_token": "",
        "slack_client_id": config.slack_client_id,
        "slack_client_secret": config.slack_client_secret,
        "encryption_keys": (key,),
        "mux_token_id": "",
        "mux_webhook_secret": (),
    }


async def test_several_workspaces_are_looked_at_side_by_side_by_their_names(town):
    changes = await two_tenants(town)
    given = Settings.model_validate({**town.settings.model_dump(), **changes})
    await town.run_bot(**{name: getattr(given, name) for name in changes})

    found = await town.examined(**changes)

    assert [each.code for each in found if each.level is Level.PROBLEM] == ["webhook_absent"]
    checks = {each.check for each in found if each.level is Level.OK}
    assert {"Slack token (T0Sandbox)", "Mux Robots (T0SANDBOX)", "OAuth credentials"} <= checks
    assert {"Encryption keys", "Install page", "Mux's way in", "Slack's way in"} <= checks
    # A token that is over is renewed by the bot alone.
    assert not any("T0North" in each.check for each in found)
    assert not [each for each in found if "/mux/webhooks/" in each.said and "/..." not in each.said]


async def test_whoever_installed_the_app_learns_of_their_own_workspace_alone(town):
    changes = await two_tenants(town)
    given = Settings.model_validate({**town.settings.model_dump(), **changes})
    await town.run_bot(**{name: getattr(given, name) for name in changes})

    _, then = await typed(town, "U0BEN")

    assert "Slack token" in then
    assert "Mux Robots" in then
    assert not {"T0NORTH", "Database", "Public address"} & set(re.findall(r"[A-Z][A-Za-z0-9]+", then))


async def test_many_workspaces_are_counted_and_not_all_asked():
    assert vendors.too_many(10, 10) == []
    assert "10 of 12 were looked at" in vendors.too_many(12, 10)[0].said


def settings_file(folder: Path, **given: str) -> str:
    file = folder / "settings"
    file.write_text("".join(f"{name.upper()}={value}\n" for name, value in given.items()))
    return str(file)


def test_every_setting_that_is_wrong_is_a_finding_of_its_own(tmp_path):
    file = settings_file(tmp_path, slack_bot_token="xoxb-secret", port="many", mux_token_secret="s3cret")

    ran = CliRunner().invoke(cli.app, ["doctor", "--env-file", file, "--json"])

    said = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert [each["said"].partition(":")[0] for each in said["findings"]] == [
        "SLACK_SIGNING_SECRET",
        "MUX_TOKEN_ID",
        "PORT",
    ]
    assert all(each["code"] == "setting_wrong" and each["fix"] for each in said["findings"])
    assert "xoxb-secret" not in ran.output
    assert "s3cret" not in ran.output


def test_problems_make_the_exit_code_1_and_are_told_in_words(tmp_path):
    file = settings_file(
        tmp_path,
        slack_bot_token="xoxb-1",
        slack_app_token="xapp-1",
        slack_api_url=f"{NOWHERE}/api/",
        mux_token_id="id",
        mux_token_secret="s3cret",
        mux_base_url=NOWHERE,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
    )

    ran = CliRunner().invoke(cli.app, ["doctor", "--env-file", file])

    assert ran.exit_code == 1
    assert "problem  Reaching Slack: Slack did not answer" in ran.stdout
    assert "         Fix: Let this machine reach it over https" in ran.stdout
    assert "ok       Public address: none, and none is needed" in ran.stdout


def test_settings_that_cannot_be_read_make_the_exit_code_2(tmp_path):
    (tmp_path / "settings").write_bytes(b"\xff\xfe\xff")

    ran = CliRunner().invoke(cli.app, ["doctor", "--env-file", str(tmp_path / "settings")])

    assert ran.exit_code == 2
    assert "cannot be read" in ran.output
