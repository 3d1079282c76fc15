"""The door: every request passes it before anything reads it, and every answer gets its headers here."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.web.addresses import Addresses

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing but what the console itself serves; no inline script, no inline style, no eval."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers state no Origin with forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAFE_METHODS = frozenset({"GET", "HEAD"})
TRY_IT = "/try"
ALIVE = "/alive"
"""Says that the process answers, to whoever asks: probes cannot name the console's host. It tells nothing else."""
FORM_BYTES, UPLOAD_BYTES = 64 * 1024, 48 * 1024 * 1024
"""Most bytes of a form, and of one with pictures."""


class Door:
    """Refuses requests for other hosts, from other sites, and too large ones; adds headers to all answers.

    Args:
        app: what is behind it.
        addresses: under which the console is reached.
    """

    def __init__(self, app: ASGIApp, addresses: Addresses) -> None:
        self._app, self._addresses = app, addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(scope["path"], MutableHeaders(scope=message))
            await send(message)

        answer = self._answer(scope)
        app = PlainTextResponse(answer[1], answer[0]) if answer else self._app
        await app(scope, receive, sending)

    def _answer(self, scope: Scope) -> tuple[int, str] | None:
        """What the door answers itself; None lets the request in."""
        if scope["path"] == ALIVE:
            return 200, "The console answers."
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._addresses.hosts:
            return 421, "This is not an address of the console: see BIOFUSION_CONSOLE_ORIGIN."
        if scope["method"] in SAFE_METHODS:
            return None
        if headers.get("origin", "").lower() not in self._addresses.origins:
            return 403, "This form was not sent from a page of the console."
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return 411, "The length of the request must be stated."
        most = UPLOAD_BYTES if scope["path"].startswith(TRY_IT) else FORM_BYTES
        return (413, f"The request is over {most} bytes.") if int(length) > most else None

    def _add_headers(self, path: str, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        headers["Permissions-Policy"] = f"camera=({'self' if path == TRY_IT else ''}), microphone=(), geolocation=()"
        headers.setdefault("Cache-Control", "no-store")
        if self._addresses.is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
