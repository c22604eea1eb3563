"""Answers of a NetBox that is unwell, and of the proxy before it (recorded, or written alike)."""

from __future__ import annotations

import json

from aiohttp import web

RETRY_AFTER = 120
"""Seconds that the maintenance page asks for."""


def _page(status: int, title: str, headers: dict[str, str] | None = None) -> web.Response:
    text = f"<html><head><title>{title}</title></head></html>"
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


def too_many(seconds: float) -> web.Response:
    """What a proxy with a limit of requests sends; NetBox itself has none."""
    wait = {"Retry-After": str(max(1, round(seconds + 0.5)))}
    return _page(429, "429 Too Many Requests", wait)


def maintenance() -> web.Response:
    """The proxy's page while NetBox is upgraded."""
    headers = {"Retry-After": str(RETRY_AFTER)}
    return _page(503, "503 Service Temporarily Unavailable", headers)


def gateway() -> web.Response:
    """The proxy while the workers of NetBox restart."""
    return _page(502, "502 Bad Gateway")


def login_page() -> web.Response:
    """A proxy that wants a login first: HTTP 200 with a page."""
    page = "<!DOCTYPE html><html><body>login</body></html>"
    return web.Response(text=page, content_type="text/html")


def database() -> web.Response:
    """PostgreSQL stopped."""
    body = {
        "error": "terminating connection due to administrator command",
        "exception": "OperationalError",
        "netbox_version": "4.6.8",
        "python_version": "3.12.1",
    }
    raw = json.dumps(body).encode()
    return web.Response(status=500, body=raw, content_type="application/json")


def redis() -> web.Response:
    """Redis stopped: a page instead of JSON, and nothing was written."""
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n  <title>Server Error</title>\n</head>\n'
        "<body><p>There was a problem with your request. Please contact an administrator.</p>\n"
        "<pre><strong>&lt;class &#x27;redis.exceptions.ConnectionError&#x27;&gt;</strong><br />\n"
        "Error 111 connecting to 127.0.0.1:6379. Connection refused.\n</pre></body>\n</html>\n"
    )
    return web.Response(status=500, text=page, content_type="text/html")


FROM_PROXY = {"maintenance": maintenance, "gateway": gateway, "login-page": login_page}
"""Answers without NetBox's own headers."""

FROM_SERVER = {"database": database, "redis": redis}

ANSWERS = {**FROM_PROXY, **FROM_SERVER}
"""Kinds of trouble and what they answer to everything."""
