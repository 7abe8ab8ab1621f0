"""What the operator decides, from the environment or a .env file; every problem is reported at once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from bot import environment, modes
from bot.errors import SettingsError

_NONE: Final = SecretStr("")
_KEY_BYTES: Final = 32

_MUX: Final = "https://api.mux.com"


class Settings(BaseModel):
    """Every setting, with its default. Secrets never appear in a repr."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    slack_bot_token: SecretStr = Field(_NONE, description="Bot token of one workspace (xoxb-...).")
    slack_signing_secret: SecretStr = Field(
        _NONE, description="Signing secret of the Slack app; not needed with SLACK_APP_TOKEN."
    )
    slack_app_token: SecretStr = Field(
        _NONE,
        description="App token (xapp-...); with it Slack is reached by socket, without a public address.",
    )
    slack_client_id: str = Field("", description="Client id of an app that several workspaces install.")
    slack_client_secret: SecretStr = Field(_NONE, description="Secret of that client id.")
    slack_api_url: str = Field("https://slack.com/api/", description="Base of Slack's Web API.")
    slack_authorize_url: str = Field(
        "https://slack.com/oauth/v2/authorize", description="Where Slack asks whether to install the app."
    )
    encryption_keys: tuple[SecretStr, ...] = Field(
        (),
        description="Keys that tokens of workspaces are encrypted with, separated by commas, newest first.",
    )

    mux_token_id: str = Field(
        "", description="Id of a Mux access token with the robots:* scope, for one workspace."
    )
    mux_token_secret: SecretStr = Field(_NONE, description="Secret of that token.")
    mux_webhook_secret: tuple[SecretStr, ...] = Field(
        (), description="Signing secrets of Mux webhooks, separated by commas; none: Mux is polled."
    )
    mux_base_url: str = Field(_MUX, description="Base of Mux's API.")
    mux_robots_version: str = Field("v0", description="Version of Mux Robots that jobs are created with.")
    mux_stream_url: str = Field("https://stream.mux.com", description="Base of Mux's streams and their text.")
    mux_image_url: str = Field("https://image.mux.com", description="Base of Mux's images of videos.")
    mux_player_url: str = Field(
        "https://player.mux.com", description="Base of the player that links lead to."
    )
    mux_file_hosts: tuple[str, ...] = Field(
        (), description="Further hosts that Mux's links to files may lead to, separated by commas."
    )
    mux_signing_key_id: str = Field("", description="Id of a Mux signing key, to read text of signed videos.")
    mux_signing_private_key: SecretStr = Field(
        _NONE, description="Private key of that signing key, in base64 as Mux shows it."
    )
    allow_private_hosts: bool = Field(
        default=False,
        description="Whether files may be fetched from addresses inside your network; for a local Mux.",
    )

    database_url: str = Field(
        "sqlite+aiosqlite:///caption-bot.db",
        description="SQLite for one process, or postgresql+asyncpg://... for several.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(3000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    public_url: str = Field("", description="Where Slack, Mux and people reach this process.")
    allowed_users: tuple[str, ...] = Field(
        (), description="Member IDs of those who may use the bot, separated by commas; none: every member."
    )
    allowed_channels: tuple[str, ...] = Field(
        (), description="Ids of the channels it may be used in, separated by commas; none: every channel."
    )
    allowed_admins: tuple[str, ...] = Field(
        (),
        description="Member IDs of those who may use `/caption doctor` besides the workspace's admins, "
        "separated by commas.",
    )
    allow_guests: bool = Field(
        default=False,
        description="Whether guests may start captions; needs the optional scope users:read.",
    )
    allow_external: bool = Field(
        default=False,
        description="Whether people of other organizations may use it, in Slack Connect channels.",
    )
    unverifiable: str = Field(
        "results:repost,chatter:hold",
        description="What to do with a message that may have been sent when its channel cannot be read back.",
    )
    settle_seconds: float = Field(
        60.0,
        gt=0,
        description="How long Slack or Mux may still act on a request whose answer was lost; "
        "what is not there after that is sent again.",
    )
    lease_seconds: float = Field(
        30.0, gt=15, description="After how long another replica takes over from a process that died."
    )
    log_format: str = Field("console", pattern="^(console|json)$", description="console or json.")
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR."
    )

    @field_validator(
        *("encryption_keys", "mux_webhook_secret", "mux_file_hosts"),
        *("allowed_users", "allowed_channels", "allowed_admins"),
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(
        *("slack_bot_token", "slack_signing_secret", "slack_app_token", "slack_client_id"),
        *("slack_client_secret", "mux_token_secret", "mux_token_id"),
    )
    @classmethod
    def _not_blank(cls, value: Any) -> Any:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain and not plain.strip():
            raise ValueError("is empty")
        return value

    @field_validator(
        *("slack_api_url", "slack_authorize_url", "public_url"),
        *("mux_base_url", "mux_stream_url", "mux_image_url", "mux_player_url"),
    )
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _are_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(is_key(key.get_secret_value()) for key in value):
            raise ValueError("holds something that is no key; `caption-bot keys new` prints one")
        return value

    @field_validator("unverifiable")
    @classmethod
    def _is_policy(cls, value: str) -> str:
        read_policy(value)
        return value

    @model_validator(mode="before")
    @classmethod
    def _of_a_local_mux(cls, given: Any) -> Any:
        """Let a Mux that is not Mux's own serve streams, images and its player itself."""
        base = given.get("mux_base_url") if isinstance(given, dict) else None
        if not isinstance(base, str) or not base or base.rstrip("/") == _MUX:
            return given
        own = {f"mux_{name}_url": f"{base.rstrip('/')}/{name}" for name in ("stream", "image", "player")}
        return {**own, **{name: value for name, value in given.items() if value != "" or name not in own}}

    @model_validator(mode="after")
    def _known_engine(self) -> Settings:
        if not self.database_url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("DATABASE_URL must start with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return self

    @model_validator(mode="after")
    def _whole_signing_key(self) -> Settings:
        if bool(self.mux_signing_key_id) != bool(self.mux_signing_private_key.get_secret_value()):
            raise ValueError("MUX_SIGNING_KEY_ID and MUX_SIGNING_PRIVATE_KEY are only of use together")
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _complete(cls, given: Any, handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        """Report what the mode lacks together with what is wrong, and not one after the other."""
        lacking = [
            InitErrorDetails(
                type=PydanticCustomError("lacking", "{why}", {"why": why}), loc=(name,), input=None
            )
            for name, why in modes.lacking(given)
        ]
        try:
            made = handler(given)
        except ValidationError as error:
            wrong = error.errors(include_input=False, include_url=False)
            lacking += [_again(problem) for problem in wrong]
        if lacking:
            raise ValidationError.from_exception_data(cls.__name__, lacking)
        return made

    @property
    def by_socket(self) -> bool:
        """Whether Slack is reached by socket; otherwise it sends signed requests."""
        return bool(self.slack_app_token.get_secret_value())

    @property
    def several_workspaces(self) -> bool:
        """Whether workspaces install the app themselves and connect a Mux environment each."""
        return modes.serves_several(self.model_dump())

    @property
    def unused(self) -> tuple[str, ...]:
        """A sentence for each setting that has no effect beside another one."""
        return tuple(modes.unused(self.model_dump()))

    @property
    def reposts(self) -> frozenset[str]:
        """The classes of message (`results`, `chatter`) that are sent again when nothing can be read back."""
        return frozenset(
            name for name, action in read_policy(self.unverifiable).items() if action == "repost"
        )


def read_policy(text: str) -> dict[str, str]:
    """Read `results:repost,chatter:hold` into a dict; a class that is not named is held.

    Raises:
        ValueError: for any other class or action.
    """
    policy = {"results": "hold", "chatter": "hold"}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, action = (piece.strip() for piece in part.partition(":"))
        if name not in policy or action not in {"hold", "repost"}:
            raise ValueError(f"{part!r} is not understood; write results:repost,chatter:hold")
        policy[name] = action
    return policy


def is_key(text: str) -> bool:
    """Say whether `text` can be an encryption key: 32 bytes in URL-safe base64."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _again(problem: Any) -> InitErrorDetails:
    """Return a problem as pydantic reported it, to be reported once more beside others."""
    said = PydanticCustomError("wrong", "{what}", {"what": problem["msg"]})
    return InitErrorDetails(type=said, loc=problem["loc"], input=None)


def load(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Read the settings; `overrides` win over the environment, the environment over the file.

    Raises:
        SettingsError: naming every missing or wrong setting, never a secret's value.
    """
    try:
        return Settings(**{**environment.given(Settings.model_fields, env_file), **overrides})
    except ValidationError as error:
        problems = tuple(_problems(error))
        raise SettingsError(_explain(problems), problems) from None


def _problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    for problem in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in problem["loc"]).upper()
        yield name, problem["msg"].removeprefix("Value error, ")


def _explain(problems: tuple[tuple[str, str], ...]) -> str:
    lines = ["The settings are not complete:"]
    for name, what in problems:
        field = Settings.model_fields.get(name.lower())
        meaning = f" ({field.description})" if field is not None and field.description else ""
        lines.append(f"  {name}: {what}{meaning}" if name else f"  {what}")
    lines.append("Set them in the environment or in a .env file beside where the bot is started.")
    return "\n".join(lines)
