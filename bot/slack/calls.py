"""One request to Slack's Web API over slack-sdk; every failure comes out as one of `bot.errors`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import __version__
from bot.errors import OutcomeUnknown
from bot.slack.errors import from_api_error, from_connection_error
from bot.slack.proxies import proxy_for

NO_ANSWER: Final = (aiohttp.ClientError, OSError)
"""What aiohttp raises when no answer came; its own time-outs are among them."""

# The library does not expect JSON that is no object, text in a wrong encoding, or endless nesting.
_UNREADABLE: Final = (AttributeError, UnicodeDecodeError, RecursionError)


def web_client(base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Return slack-sdk's client over `session`, without its retry handlers and with our choice of proxy."""
    web = AsyncWebClient(
        base_url=base_url,
        session=session,
        retry_handlers=[],
        user_agent_prefix=f"caption-bot/{__version__}",
    )
    web.proxy = proxy_for(base_url)
    return web


async def call(
    web: AsyncWebClient, method: str, token: str, fields: Mapping[str, Any], *, http_verb: str = "POST"
) -> Any:
    """Call a method with a token and return the library's answer."""
    # The library takes `token` out of the fields and sends it as a header, never in a URL or a body.
    place = "json" if http_verb == "POST" else "params"
    return await asked(web, method, http_verb=http_verb, **{place: {**fields, "token": token}})


async def asked(web: AsyncWebClient, method: str, **sent: Any) -> Any:
    """Call a method with what the library takes, and return its answer."""
    try:
        return await web.api_call(method, **sent)
    except SlackApiError as error:
        raise from_api_error(error, method) from error
    except NO_ANSWER as error:
        raise from_connection_error(error, method) from error
    except _UNREADABLE as error:
        raise OutcomeUnknown(f"Slack answered {method} with something unreadable") from error
