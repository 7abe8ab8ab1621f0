"""The local Slack and the local Mux in a process of their own, which nobody kills."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bot import log
from bot.sandbox import app as sandbox_app
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faulty import HangupProtocol
from handlers import serving
from tests.faults.bot_process import HOST, end_with_parent, log_to


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxPlan:
    """What the stand-ins are like; see `SandboxConfig`."""

    bot_port: int
    log_path: Path
    seed: int = 1
    job_seconds: float = 1.5
    list_lag_seconds: float = 0.3
    limits: bool = False
    webhooks: bool = True


def run(plan: SandboxPlan, told: Connection) -> None:
    """Be the stand-ins until SIGTERM; tells `told` the address first."""
    log_to(plan.log_path)
    sys.exit(serving.run(_serve(plan, told)))


async def _serve(plan: SandboxPlan, told: Connection) -> int:
    log.configure(json=False, level="ERROR")
    end_with_parent()
    with serving.listen(HOST, 0) as sock, serving.stop_signals() as stopped:
        url = f"http://{HOST}:{sock.getsockname()[1]}"
        config = SandboxConfig(
            bot_url=f"http://{HOST}:{plan.bot_port}",
            public_url=url,
            job_seconds=plan.job_seconds,
            list_lag_seconds=plan.list_lag_seconds,
            limits=plan.limits,
            webhooks=plan.webhooks,
        )
        app = sandbox_app.build(config)
        sandbox = app.state.sandbox
        sandbox.faults._random.seed(plan.seed)
        async with serving.serving(app, sock, protocol=HangupProtocol, before_stop=sandbox.end_streams):
            told.send(url)
            await stopped.wait()
    return 0
