"""The floor: a bare Starlette endpoint that checks the signature and reads the form. Stores nothing."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_SECRET = os.environ["SLACK_SIGNING_SECRET"].encode()


async def command(request: Request) -> Response:
    """Answer a request of Slack's."""
    raw = await request.body()
    timestamp = request.headers.get("x-slack-request-timestamp", "0")
    expected = "v0=" + hmac.new(_SECRET, f"v0:{timestamp}:".encode() + raw, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(timestamp)) <= 300
    if not fresh or not hmac.compare_digest(expected, request.headers.get("x-slack-signature", "")):
        return Response(status_code=401)
    form = dict(parse_qsl(raw.decode()))
    return JSONResponse({"text": f"Got {form.get('text', '')}"})


app = Starlette(routes=[Route("/slack/events", command, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
