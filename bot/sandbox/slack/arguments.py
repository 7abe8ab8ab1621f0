"""Reads a method's arguments, in every form in which Slack's own libraries send them."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Literal
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.sandbox.slack.model import Refusal

_SECRET = frozenset({"token", "client_secret", "code", "refresh_token"})
_TRUE = {"1", "true", "True"}


TokenKind = Literal["bot", "app"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose call it is: the kind of token, the scopes it was granted, its workspace or organization."""

    kind: TokenKind
    scopes: tuple[str, ...]
    token: str = ""
    place: str = ""


NOBODY = Caller(kind="bot", scopes=())
"""Who calls a method that needs no token."""


class Arguments:
    """A method's arguments by name, from a query, a form, JSON or multipart alike.

    `caller` is who makes the call, once that is known.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.caller = NOBODY
        self.values = {name: value for name, value in values.items() if value is not None}

    @property
    def shown(self) -> dict[str, Any]:
        """Return the arguments without those that are secrets."""
        return {name: value for name, value in self.values.items() if name not in _SECRET}

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as a string."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def need(self, name: str) -> str:
        """Return an argument as a string that is not empty.

        Raises:
            Refusal: `invalid_arguments`, naming the missing one, as Slack does.
        """
        value = self.text(name)
        if not value:
            raise _missing(name)
        return value

    def flag(self, name: str) -> bool:
        """Return an argument as a boolean; absent is false."""
        return str(self.values.get(name, "")) in _TRUE

    def number(self, name: str, default: int) -> int:
        """Return an argument as a whole number.

        Raises:
            Refusal: `invalid_arguments`.
        """
        value = str(self.values.get(name, default))
        if not value.isascii() or not value.isdigit():
            raise Refusal(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] must provide an integer [json-pointer:/{name}]"]},
            )
        return int(value)

    def has(self, name: str) -> bool:
        """Say whether an argument was given, even an empty one."""
        return name in self.values

    def structure(self, name: str, error: str) -> Any:
        """Return an argument that is JSON, whether it came as such or as a string; None when absent.

        Raises:
            Refusal: `error`, when it cannot be read.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(error) from None


def _missing(name: str) -> Refusal:
    return Refusal(
        "invalid_arguments",
        response_metadata={"messages": [f"[ERROR] missing required field: {name} [json-pointer:/{name}]"]},
    )


async def read_arguments(request: Request) -> tuple[str, Arguments]:
    """Return the token ('' when there is none) and the arguments of a call.

    Raises:
        Refusal: `invalid_json`, `json_not_object` or `invalid_form_data`.
    """
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    values.update(_read_body(kind, await request.body()))
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    token = str(values.pop("token", ""))
    if scheme.lower() == "bearer":
        token = credentials
    elif scheme.lower() == "basic":
        values |= _client(credentials)
    return token, Arguments(values)


def _client(credentials: str) -> dict[str, str]:
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": name, "client_secret": secret}


def _read_body(content_type: str, body: bytes) -> dict[str, Any]:
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    if not body:
        return {}
    if kind == "application/json":
        return _read_json(body)
    if kind == "multipart/form-data":
        return {name: value.decode() for name, value in read_multipart(content_type, body).items()}
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError:
        raise Refusal("invalid_form_data") from None


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(values, dict):
        raise Refusal("json_not_object")
    return values


def read_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """Return the parts of a multipart body by their names."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: dict[str, bytes] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            parts[str(name)] = content
    return parts
