"""What every test of the doctor may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox import app as sandbox_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faulty import HangupProtocol
from handlers import demo, serving
from tests.handlers.doctor.town import SCOPES, Town


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
