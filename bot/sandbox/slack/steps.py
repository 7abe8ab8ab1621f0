"""People, and workflows of theirs, that run a step of the app."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.core import Core
from bot.sandbox.slack.functions import Parameter, Run
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.payloads import person


def begin(core: Core, user_id: str, callback_id: str, inputs: dict[str, Any]) -> Run:
    """Start a step for somebody; the bot is told by the event that `event_of` returns.

    Raises:
        Refusal: `user_not_found`, `user_not_allowed`, `app_not_installed`, `function_not_found` or
            `parameter_validation_failed`.
    """
    person(core, user_id)
    # https://docs.slack.dev/workflows/workflow-steps: people of other companies cannot run an app's steps.
    if core.workspace.people[user_id].company is not None:
        raise Refusal("user_not_allowed")
    installation = core.app.installation(core)
    if installation is None:
        raise Refusal("app_not_installed")
    given = {name: value for name, value in inputs.items() if value is not None and value != ""}
    if any(one.name == "requester" for one in _inputs(core, callback_id)):
        # Workflow Builder offers "the person who used this workflow" for it.
        given.setdefault("requester", user_id)
    return core.functions.start(installation.place, user_id, callback_id, given)


def _inputs(core: Core, callback_id: str) -> tuple[Parameter, ...]:
    step = core.functions.steps.get(callback_id)
    return () if step is None else step.inputs


def event_of(core: Core, run: Run) -> dict[str, Any]:
    """Return the event of a run that has begun."""
    # https://docs.slack.dev/reference/events/function_executed
    step = run.step
    return {
        "type": "function_executed",
        "function": {
            "id": f"Fn0{step.callback_id.upper()[:8]}",
            "callback_id": step.callback_id,
            "title": step.title,
            "description": step.title,
            "type": "app",
            "app_id": core.config.app_id,
            "input_parameters": [one.to_json() for one in step.inputs],
            "output_parameters": [one.to_json() for one in step.outputs],
            "date_created": int(run.started_at),
            "date_updated": int(run.started_at),
            "date_deleted": 0,
            "form_enabled": False,
        },
        "inputs": run.inputs,
        "function_execution_id": run.id,
        "workflow_execution_id": run.workflow_id,
        "event_ts": core.workspace.next_ts(),
        "bot_access_token": run.token.value,
    }
