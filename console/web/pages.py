"""Templates: every page is made here, and every error becomes one."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from biometrics.errors import BiofusionError
from console.faults import LoginNeeded, Refused, http_status
from console.people.person import Person
from console.web.visit import LIVE, visit_of
from console.web.words import languages
from infra.calling.calls import CallFailed

log = logging.getLogger("biofusion.console")

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page.

    Args:
        request: that it answers.
        template: its file.
        status: HTTP status.
        values: what the template shows.
    """
    visit = visit_of(request)
    person: Person | None = visit.session.person if visit.session else None
    shared = {
        "t": visit.words,
        "languages": languages(),
        "person": person,
        "form_token": visit.form_token,
        "path": request.url.path,
        "now": datetime.now(UTC),
        "has_try_it": request.app.state.has_try_it,
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(shared | values), status)


def go(path: str) -> RedirectResponse:
    """Lead the browser to another page of the console, by GET."""
    return RedirectResponse(path, 303)


async def login_needed(request: Request, _error: Exception) -> Response:
    """Lead to the login; a part of a page that is asked for by itself tells the whole page to go there."""
    if request.url.path.startswith(LIVE) or "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    back = quote(request.url.path, safe="/") if request.method == "GET" else "/"
    return go("/login" if back == "/" else f"/login?next={back}")


async def failed(request: Request, error: Exception) -> Response:
    """The page of an error: what happened, and what can be done."""
    status, key, detail = _told(error)
    words = visit_of(request).words
    found = key if words.has(f"fault.{key}") else "other"
    return page(request, "fault.html", status=status, key=found, detail=detail)


async def broken(request: Request, _error: Exception) -> Response:
    """The page of an error of the console itself, whose traceback is logged by the server."""
    return page(request, "fault.html", status=500, key="internal", detail="")


def _told(error: Exception) -> tuple[int, str, str]:
    if isinstance(error, CallFailed):
        log.warning("a call failed: %s %s", error.status, error.reason)
        return http_status(error), error.reason or error.status, error.message
    if isinstance(error, Refused):
        return error.http_status, error.reason, ""
    if isinstance(error, HTTPException):
        return error.status_code, "not_found" if error.status_code == 404 else "other", ""
    if isinstance(error, BiofusionError):
        log.warning("a request failed: %s", error.reason)
        return 503, error.reason, error.message
    return 500, "internal", ""


HANDLERS = {
    LoginNeeded: login_needed,
    CallFailed: failed,
    Refused: failed,
    HTTPException: failed,
    BiofusionError: failed,
    Exception: broken,
}
