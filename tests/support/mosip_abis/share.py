"""MOSIP's data share and auth manager on a port of 127.0.0.1: errors come with HTTP status 200, as theirs do."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.http_serving import answering

LOGIN = "/v1/authmanager/authenticate/clientidsecretkey"
SHARED = "/v1/datashare/get/policy/abis/"
UNKNOWN, EXPIRED, UNAUTHENTICATED, FORBIDDEN = "DAT-SER-003", "DAT-SER-006", "KER-ATH-401", "KER-ATH-403"
WAIT_S = 60.0
JSON = ("Content-Type", "application/json")
APP, CLIENT, SECRET = "regproc", "mosip-abis-client", "a secret of the client"


@dataclass
class Share:
    """What is shared, and who may read it.

    Args:
        origin: where it listens.
        files: what GET answers, by the last part of the path.
        errors: codes told instead, by the same.
        redirects: addresses told instead, with 302, by the same.
        statuses: HTTP statuses told instead, by the same.
        tokens: that are valid now.
        token_in: where a login tells the token: "header", or "cookie".
        refusal: the code told to who has no valid token.
        logins: bodies of the logins.
        fetched: paths that were asked for, in order, by whomever.
        opened: what is asked for is answered while it is set.
    """

    origin: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    token_in: str = "header"
    refusal: str = UNAUTHENTICATED
    logins: list[dict[str, Any]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    opened: threading.Event = field(default_factory=threading.Event)

    @property
    def login_url(self) -> str:
        """Where tokens are given."""
        return self.origin + LOGIN

    def put(self, data: bytes) -> str:
        """Share a file; returns its address."""
        name = uuid.uuid4().hex
        self.files[name] = data
        return self.url(name)

    def fail(self, code: str) -> str:
        """An address whose answer is an error."""
        name = uuid.uuid4().hex
        self.errors[name] = code
        return self.url(name)

    def redirect(self, url: str) -> str:
        """An address that refers to another one."""
        name = uuid.uuid4().hex
        self.redirects[name] = url
        return self.url(name)

    def url(self, name: str) -> str:
        """The address of a file."""
        return f"{self.origin}{SHARED}{name}"

    def answer(self, name: str, token: str) -> tuple[int, bytes] | tuple[int, bytes, tuple[str, str]]:
        """Status, body and a header of the answer to GET."""
        if token not in self.tokens:
            return 200, _told(None, self.refusal)
        if name in self.redirects:
            return 302, b"", ("Location", self.redirects[name])
        if name in self.statuses:
            return self.statuses[name], b""
        if name in self.files:
            return 200, self.files[name], ("Content-Type", "application/octet-stream")
        return 200, _told(None, self.errors.get(name, UNKNOWN))

    def login(self, body: dict[str, Any]) -> str:
        """A new token; "" if id and secret are not known."""
        self.logins.append(body)
        request = body.get("request", {})
        if (CLIENT, SECRET) != (request.get("clientId"), request.get("secretKey")):
            return ""
        token = f"token-{uuid.uuid4().hex}"
        self.tokens.add(token)
        return token


@contextmanager
def share() -> Iterator[Share]:
    """Opens the server."""
    found = Share()
    found.opened.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != LOGIN:
                self._answer(404, b"")
            elif token := found.login(body):
                cookie = ("Set-Cookie", f"Authorization={token}; Path=/; HttpOnly; Secure")
                sent = cookie if found.token_in == "cookie" else ("authorization", token)
                self._answer(200, _told({"status": "Success", "message": "logged in"}), JSON, sent)
            else:
                self._answer(200, _told(None, "KER-ATH-003"))

        def do_GET(self) -> None:
            found.fetched.append(self.path)
            found.opened.wait(WAIT_S)
            cookies = dict(part.strip().partition("=")[::2] for part in self.headers.get("Cookie", "").split(";"))
            self._answer(*found.answer(self.path.removeprefix(SHARED), cookies.get("Authorization", "")))

        def _answer(self, code: int, body: bytes, *headers: tuple[str, str]) -> None:
            self.send_response(code)
            for name, value in (("Content-Length", str(len(body))), *(headers or (JSON,))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with answering(Handler) as origin:
        found.origin = origin
        yield found


def _told(response: dict[str, Any] | None, code: str = "") -> bytes:
    errors = [{"errorCode": code, "message": "as MOSIP words it"}] if code else None
    return json.dumps({"id": None, "version": None, "response": response, "errors": errors}).encode()
