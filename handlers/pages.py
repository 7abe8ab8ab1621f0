"""Small pages for people in a browser: a heading, some sentences, at most one link, and no script."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.55 system-ui, sans-serif; margin: 12vh auto; max-width: 34rem; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
a.button { background: #1f3a5f; border-radius: .4rem; color: #fff; display: inline-block; margin-top: .75rem;
  padding: .6rem 1.1rem; text-decoration: none; }
a.button:focus-visible { outline: 3px solid #7aa7e0; outline-offset: 2px; }
"""

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
        + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        + "'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(
    heading: str, *sentences: str, link: tuple[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    """Return a page; every text is escaped. `link` is what the button says, and where it leads."""
    lines = [f"<p>{escape(sentence)}</p>" for sentence in sentences]
    if link is not None:
        lines.append(f'<p><a class="button" href="{escape(link[1])}">{escape(link[0])}</a></p>')
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(heading)}</h1>{''.join(lines)}</main></body></html>",
        status_code=status,
        headers=_HEADERS,
    )
