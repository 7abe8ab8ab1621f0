"""The command line, as an operator meets it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from handlers import cli, demo, serving

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s",
    "SLACK_API_URL": "http://127.0.0.1:9/",
    "MUX_TOKEN_ID": "t",
    "MUX_TOKEN_SECRET": "s",
    "MUX_BASE_URL": "http://127.0.0.1:9",
    "PORT": "0",
}


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return what starts `caption-bot` in an empty folder; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "bot", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str], part: str) -> str:
    """Return the first line that holds `part`."""
    assert process.stdout is not None
    for line in process.stdout:
        if part in line:
            return line
    raise AssertionError(f"{part!r} never came: {process.communicate()}")


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    return process.returncode


def test_run_says_every_setting_that_is_missing(bot):
    process = bot("run")
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 2
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "MUX_TOKEN_ID", "MUX_TOKEN_SECRET"):
        assert f"{name}: is missing" in errors
    assert "Traceback" not in errors


def test_run_listens_and_stops_in_order(tmp_path, bot):
    """Slack is not there yet, which is no reason not to start."""
    process = bot("run", **SETTINGS)

    assert "http://127.0.0.1:" in line_of(process, "Listening")
    assert stop(process) == 0
    assert (tmp_path / "caption-bot.db").exists()


def test_run_reads_a_dotenv_file_that_is_named(tmp_path, bot):
    (tmp_path / "bot.env").write_text("".join(f"{name}={value}\n" for name, value in SETTINGS.items()))
    process = bot("run", "--env-file", "bot.env", "--port", "0")

    assert line_of(process, "Listening")
    assert stop(process) == 0


def test_a_second_process_on_the_same_file_is_told_what_to_set(bot):
    first = bot("run", **SETTINGS)
    line_of(first, "Listening")

    _, errors = bot("run", **SETTINGS).communicate(timeout=30)

    assert "DATABASE_URL=postgresql+asyncpg://" in errors
    assert stop(first) == 0


def test_a_port_that_is_taken_is_told_with_the_way_out(bot):
    with serving.listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        process = bot("run", "--port", port, **SETTINGS)
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in errors


async def test_what_is_answered_is_sent_at_once():
    """Else the head of an answer would wait 40 ms for the client's word before its body follows."""
    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def accepted(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    sock = serving.listen("127.0.0.1", 0)
    async with await asyncio.start_server(accepted, sock=sock):
        _, writer = await asyncio.open_connection(*sock.getsockname())
        assert await found
        writer.close()


def test_the_sandbox_alone_says_how_a_bot_finds_it_and_a_bot_does(bot):
    """The printed settings are all that a bot in another process needs."""
    sandbox = bot("sandbox", "--port", "0", "--bot-url", "http://127.0.0.1:9")
    settings = {}
    # The first block, for signed HTTP, ends with where the bot is reached.
    while "PUBLIC_URL" not in settings:
        name, _, value = line_of(sandbox, "=").strip().partition("=")
        settings[name] = value
    running = bot("run", "--port", "0", **settings)

    assert line_of(running, "Listening")
    assert (stop(running), stop(sandbox)) == (0, 0)


def test_the_demo_prints_one_address_and_stops(bot):
    process = bot("demo", "--port", "0")

    assert "Open http://127.0.0.1:" in line_of(process, "Open")
    assert stop(process) == 0


def test_the_script_of_the_demo_plays_a_whole_conversation(bot):
    """It prints what was said, a track and the captions, and exits 0 because nothing went wrong."""
    output, errors = bot("demo", "--script", "--port", "0").communicate(timeout=110)

    assert "track_en_" in output, errors
    assert "00:00:0" in output
    assert "Everything went as it should." in output


def test_help_names_every_command():
    output = CliRunner().invoke(cli.app, ["--help"]).output

    assert all(name in output for name in ("run", "demo", "sandbox", "db"))


@pytest.mark.parametrize("answer", [True, False])
def test_a_download_is_only_made_when_the_person_agreed(answer):
    """With the extra installed and somebody at the terminal, they are asked."""
    heard = demo.hearing(None, ask=lambda _question: answer, can_ask=lambda: True)

    assert heard == demo.Hearing(may_download=answer)


def test_nobody_is_asked_when_there_is_a_model_or_nobody_to_ask(tmp_path):
    def ask(question: str) -> bool:
        raise AssertionError(question)

    assert demo.hearing(tmp_path, ask=ask) == demo.Hearing(model=tmp_path)
    assert demo.hearing(None, ask=None) == demo.Hearing()
