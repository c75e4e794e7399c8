"""What every request passes before the app: an address that is meant for this machine answers to its own names only.

A page of somebody else's can give its own name this machine's address (DNS rebinding); the browser then takes the app
for part of that page. Such requests carry that page's name as their Host, and are refused unless people log in.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from autodata.ui.access import is_own_machine
from autodata.ui.login import has_login

REFUSAL = (
    "This address is not one of this machine's own names. Open the app at http://127.0.0.1 or http://localhost with "
    "its port; to serve it under another name, configure a login (docs/security.md).\n"
)
_HEADERS = {
    # Shown inside another site's page, its buttons could be pressed by somebody who does not see them.
    "content-security-policy": "frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


class HostGuard:
    """An ASGI layer: refuses foreign names with status 403, adds the headers to what is let through."""

    def __init__(self, app: ASGIApp, is_guarded: Callable[[], bool] | None = None) -> None:
        self._app = app
        self._is_guarded = is_guarded or _is_guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if self._is_guarded() and not is_own_machine(Headers(scope=scope).get("host", "")):
            await _refuse(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _is_guarded() -> bool:
    return is_own_machine(str(config.get_option("server.address") or "")) and not has_login()


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Closing before accepting is answered with 403 by the server.
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await PlainTextResponse(REFUSAL, status_code=403)(scope, receive, send)
