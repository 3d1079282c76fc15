"""Assembles the console: what it calls, its pages, and the door before them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from biometrics.errors import ConfigurationInvalid
from console.cases.case import Cases
from console.cases.queue import Queue
from console.fetching import Fetching
from console.login import Logins
from console.operators.facts import Facts
from console.operators.trying import Trying
from console.people.oidc import Oidc, Provider
from console.people.person import REVIEWER, SUPERVISOR
from console.people.sessions import Sessions
from console.people.users_file import UsersFile
from console.pictures.origin import Origin
from console.pictures.source import Pictures
from console.web.addresses import Addresses
from console.web.door import Door
from console.web.pages import HANDLERS, go
from console.web.visit import find_visit, needs, visit_of
from console.wire.calls import Calls
from console.wire.explanations import Explanations
from console.wire.operations import Operations
from console.wire.reviews import Reviews
from console.wire.trials import Trials
from infra.caller_settings import split
from infra.models.model_cache import script
from infra.settings import Settings, data_dir

_STATIC = Path(__file__).parent / "static"
_OIDC_BYTES, _OIDC_S = 256 * 1024, 5.0


def users_file(settings: Settings) -> Path:
    """Where local users are."""
    return Path(settings.console_users_file or data_dir() / "console-users")


def build(settings: Settings, addresses: Addresses) -> ASGIApp:
    """The console. Must be called inside a running event loop; its lifespan ends the connections.

    Args:
        settings: of the console.
        addresses: under which it is reached.

    Raises:
        ConfigurationInvalid: nobody could log in, or a file cannot be used.
        ModelUnavailable, ModelCorrupt: the script of pages is not in the cache.
    """
    users, oidc = UsersFile(users_file(settings)), _oidc(settings, addresses)
    if not users and oidc is None:
        raise ConfigurationInvalid(
            "Nobody could log in. Add a user: `biofusion console add-user NAME --role reviewer`; or set "
            "BIOFUSION_CONSOLE_OIDC_ISSUER."
        )
    sessions = Sessions(settings.console_idle_min * 60, settings.console_session_h * 3600, settings.console_sessions)
    calls = Calls(settings)
    reviews, operations = Reviews(calls), Operations(calls)
    pictures = Pictures(reviews, Origin(settings))
    routes = [
        *_shared_routes(),
        *Logins.of(sessions, users, oidc).routes(),
        *Queue(reviews).routes(),
        *Cases(reviews, pictures, Explanations(calls), settings.max_image_bytes).routes(),
        *Facts(operations, split(settings.console_metrics)).routes(),
        *(Trying(Trials(calls)).routes() if addresses.is_loopback else ()),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await calls.close()

    app = Starlette(
        routes=routes,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=partial(_visited, sessions))],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.has_try_it = addresses.is_loopback
    return Door(app, addresses)


async def _visited(sessions: Sessions, request: Request, call_next: object) -> Response:
    return await find_visit(request, sessions, call_next)  # type: ignore[arg-type]  # as BaseHTTPMiddleware calls it


def _shared_routes() -> list[Route | Mount]:
    return [
        Route("/", needs()(_first), methods=["GET"]),
        Route("/static/htmx.js", _Script(script("htmx")), methods=["GET"]),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


async def _first(request: Request) -> Response:
    """The first page of each role."""
    return go("/queue" if visit_of(request).person.may(REVIEWER, SUPERVISOR) else "/galleries")


class _Script:
    """Serves the verified bytes of a script from memory.

    Args:
        data: the script.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._headers = {"Cache-Control": "no-cache", "ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"'}

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """See ASGI."""
        response = Response(self._data, media_type="text/javascript", headers=self._headers)
        await response(scope, receive, send)  # type: ignore[arg-type]  # as Starlette calls it


def _oidc(settings: Settings, addresses: Addresses) -> Oidc | None:
    if not settings.console_oidc_issuer:
        return None
    provider = Provider(
        settings.console_oidc_issuer,
        settings.console_oidc_client_id,
        settings.console_oidc_secret_file,
        settings.console_oidc_roles,
        settings.algorithms,
        f"{addresses.own}/login/back",
    )
    return Oidc(provider, Fetching(_OIDC_BYTES, _OIDC_S))
