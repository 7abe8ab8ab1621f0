"""functions.*: how the app ends a run of its workflow step."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.core import Core


def complete_success(core: Core, args: Arguments) -> dict[str, Any]:
    """functions.completeSuccess."""
    run_id = args.need("function_execution_id")
    outputs = args.structure("outputs", "parameter_validation_failed")
    core.functions.succeed(run_id, {} if outputs is None else outputs)
    return {}


def complete_error(core: Core, args: Arguments) -> dict[str, Any]:
    """functions.completeError."""
    core.functions.fail(args.need("function_execution_id"), args.need("error"))
    return {}
