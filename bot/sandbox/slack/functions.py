"""Steps of Workflow Builder: what the app declares, each run of it, and how a run ends.

https://docs.slack.dev/workflows/workflow-steps
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bot.sandbox.slack.app import App
from bot.sandbox.slack.grants import Token
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.workspace import Workspace

TOKEN_SECONDS: Final = 900.0
"""How long the token lives that comes with a run; it dies with the run, too."""
_KINDS: Final[Mapping[str, type]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "slack#/types/channel_id": str,
    "slack#/types/user_id": str,
    "slack#/types/rich_text": dict,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One input or output, as a manifest declares it."""

    name: str
    title: str
    type: str = "string"
    required: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as events carry it."""
        return {
            "type": self.type,
            "name": self.name,
            "title": self.title,
            "description": self.title,
            "is_required": self.required,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that the app's manifest declares under `functions`."""

    callback_id: str
    title: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]


GENERATE: Final = Step(
    callback_id="generate_captions",
    title="Generate captions",
    inputs=(
        Parameter(name="video", title="Video at Mux: asset id or link", required=True),
        Parameter(name="language", title="Language"),
        Parameter(
            name="channel", title="Channel to report in", type="slack#/types/channel_id", required=True
        ),
        Parameter(name="requester", title="Who asks", type="slack#/types/user_id", required=True),
    ),
    outputs=(
        Parameter(name="job_id", title="Job", required=True),
        Parameter(name="captions_url", title="Link to the captions"),
        Parameter(name="track_id", title="Track at Mux"),
        Parameter(name="language", title="Language"),
        Parameter(name="units", title="Units consumed", type="integer"),
    ),
)


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of a step for somebody; `state` moves once, and `outputs` or `error` say how it ended."""

    id: str
    workflow_id: str
    step: Step
    user: str
    inputs: dict[str, Any]
    started_at: float
    token: Token
    state: Literal["running", "completed", "failed"] = "running"
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str = ""


class Functions:
    """The runs in one workspace by their ids; the steps are the app's."""

    def __init__(self, workspace: Workspace, app: App) -> None:
        self._workspace = workspace
        self._app = app
        self.steps: dict[str, Step] = {GENERATE.callback_id: GENERATE}
        self.runs: dict[str, Run] = {}

    def start(self, place: str, user: str, callback_id: str, inputs: dict[str, Any]) -> Run:
        """Begin a run; `place` is where the app is installed.

        Raises:
            Refusal: `function_not_found`, or `parameter_validation_failed` as Workflow Builder would say it.
        """
        step = self.steps.get(callback_id)
        if step is None:
            raise Refusal("function_not_found")
        check_parameters(step.inputs, inputs)
        run = Run(
            id=self._app.ids.next("Fx"),
            workflow_id=self._app.ids.next("Wx"),
            step=step,
            user=user,
            inputs=inputs,
            started_at=self._workspace.clock.now(),
            token=self._app.grants.lend(place, TOKEN_SECONDS),
        )
        self.runs[run.id] = run
        self._note(run, "started", inputs=inputs)
        return run

    def succeed(self, run_id: str, outputs: Any) -> None:
        """End a run well.

        Raises:
            Refusal: `function_execution_not_found`, `execution_not_in_running_state` or
                `parameter_validation_failed`.
        """
        run = self._running(run_id)
        if not isinstance(outputs, dict):
            raise Refusal("parameter_validation_failed")
        check_parameters(run.step.outputs, outputs)
        run.state, run.outputs = "completed", outputs
        self._end(run, "\n".join(f"• {name}: {value}" for name, value in outputs.items()))

    def fail(self, run_id: str, error: str) -> None:
        """End a run badly; people read `error`.

        Raises:
            Refusal: `function_execution_not_found` or `execution_not_in_running_state`.
        """
        run = self._running(run_id)
        run.state, run.error = "failed", error
        self._end(run, error)

    def _running(self, run_id: str) -> Run:
        run = self.runs.get(run_id)
        if run is None:
            raise Refusal("function_execution_not_found")
        if run.state != "running":
            raise Refusal("execution_not_in_running_state")
        return run

    def _end(self, run: Run, detail: str) -> None:
        self._app.grants.end(run.token)
        self._note(run, run.state, outputs=run.outputs, error=run.error)
        how = "is done" if run.state == "completed" else "has failed"
        text = f'The workflow step "{run.step.title}" {how}.\n{_plain(detail)}'.rstrip()
        self._workspace.toast(run.user, text.partition("\n")[0])
        self._workspace.post(run.user, "USLACKBOT", text, ephemeral_to=run.user)

    def _note(self, run: Run, what: str, **more: Any) -> None:
        about = {"execution": run.id, "step": run.step.callback_id, "user": run.user}
        self._workspace.journal.add("slack.effect", f"step.{what}", **about, **more)


def check_parameters(declared: tuple[Parameter, ...], given: Mapping[str, Any]) -> None:
    """Compare values with what a step declares.

    Raises:
        Refusal: `parameter_validation_failed`, with a sentence for each problem.
    """
    known = {one.name: one for one in declared}
    problems = [f"unknown parameter: {name}" for name in given if name not in known]
    for one in declared:
        value = given.get(one.name)
        if value is None or value == "":
            problems += [f"missing required parameter: {one.name}"] if one.required else []
        elif not _fits(one, value):
            problems.append(f"{one.name} is no {one.type}")
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise Refusal("parameter_validation_failed", response_metadata={"messages": messages})


def _fits(parameter: Parameter, value: Any) -> bool:
    kind = _KINDS.get(parameter.type, object)
    if isinstance(value, bool) and kind is not bool:
        return kind is object
    return isinstance(value, kind)


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
