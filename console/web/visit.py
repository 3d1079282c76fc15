"""Who visits: found out for every request from its cookies."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps

import python_multipart  # noqa: F401 - Starlette reads forms by it, and would tell of its absence only then
from starlette.datastructures import FormData
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from console.faults import LoginNeeded, Refused
from console.people.person import Person
from console.people.sessions import Session, Sessions
from console.web.words import Words, best, languages

SESSION, FORM, LANGUAGE, LOGIN = "__Host-session", "__Host-form", "__Host-language", "__Host-login"
LIVE = "/live/"
"""What pages ask by themselves is below this path; it does not keep a login open."""
YEAR_S = 365 * 86_400

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's visitor.

    Args:
        session: the login; None without one.
        form_token: what forms of this visitor must carry.
        words: in the visitor's language.
    """

    session: Session | None
    form_token: str
    words: Words

    @property
    def person(self) -> Person:
        """Who is logged in. Raises LoginNeeded."""
        if self.session is None:
            raise LoginNeeded
        return self.session.person


async def find_visit(request: Request, sessions: Sessions, call_next: RequestResponseEndpoint) -> Response:
    """Put the visit into the request's state; a visitor without a login gets a cookie for the login's form."""
    is_used = not request.url.path.startswith(LIVE)
    session = sessions.find(request.cookies.get(SESSION, ""), is_used=is_used)
    stated = request.cookies.get(FORM, "")
    token = session.form_token if session else stated or secrets.token_urlsafe(32)
    language = request.cookies.get(LANGUAGE, "")
    code = language if language in languages() else best(request.headers.get("accept-language", ""))
    request.state.visit = Visit(session, token, languages()[code])
    response = await call_next(request)
    if session is None and not stated:
        keep(response, FORM, token)
    return response


def visit_of(request: Request) -> Visit:
    """The visit of a request."""
    found: Visit = request.state.visit
    return found


def keep(response: Response, name: str, value: str, *, lax: bool = False, max_age: int | None = None) -> None:
    """Set a cookie that only this host gets, by TLS (or on this machine), and no script reads.

    Args:
        response: that sets it.
        name: begins with `__Host-`.
        value: of the cookie.
        lax: it is also sent when another site leads here, as an OpenID provider does.
        max_age: seconds; None: until the browser is closed.
    """
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="lax" if lax else "strict"
    )


def forget(response: Response, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")


async def posted(request: Request) -> FormData:
    """The form of a request. Raises Refused: it does not carry the visitor's token (CSRF)."""
    form = await request.form(max_files=8, max_fields=40, max_part_size=16 * 1024 * 1024)
    token = form.get("form_token")
    if not isinstance(token, str) or not secrets.compare_digest(token.encode(), visit_of(request).form_token.encode()):
        raise Refused(403, "form_token")
    return form


def text(form: FormData, name: str) -> str:
    """A text of a form; "" if there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def needs(*roles: str) -> Callable[[Endpoint], Endpoint]:
    """Only for people who are logged in and have one of these roles; of none: for all who are logged in."""

    def guarded(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def checked(request: Request) -> Response:
            person = visit_of(request).person
            if roles and not person.may(*roles):
                raise Refused(403, "forbidden")
            return await endpoint(request)

        return checked

    return guarded
