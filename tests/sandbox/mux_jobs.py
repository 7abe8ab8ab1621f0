"""What tests of jobs at Mux share."""

from __future__ import annotations

import httpx

PREMIUM = "/robots/v0/jobs/generate-premium-captions"
DAY_SECONDS = 86_400


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["type"]
