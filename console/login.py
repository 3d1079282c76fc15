"""Pages of login and logout."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from biometrics.errors import CallerUnknown
from console.faults import Refused
from console.people.attempts import Attempts
from console.people.oidc import Oidc
from console.people.person import Person
from console.people.sessions import Sessions
from console.people.users_file import UsersFile
from console.web.pages import go, page
from console.web.visit import FORM, LANGUAGE, LOGIN, SESSION, YEAR_S, forget, keep, needs, posted, text, visit_of
from console.web.words import languages

_AT_ONCE = 2
"""Passwords that are hashed at once: each takes 32 MiB."""


@dataclass(frozen=True, slots=True)
class Logins:
    """How people log in.

    Args:
        sessions: the open logins.
        users: local users.
        attempts: wrong passwords.
        oidc: login by a provider; None without one.
        hashing: lets few passwords be hashed at once.
    """

    sessions: Sessions
    users: UsersFile
    attempts: Attempts
    oidc: Oidc | None
    hashing: asyncio.Semaphore

    @classmethod
    def of(cls, sessions: Sessions, users: UsersFile, oidc: Oidc | None) -> Logins:
        """With nobody having tried yet."""
        return cls(sessions, users, Attempts(), oidc, asyncio.Semaphore(_AT_ONCE))

    def routes(self) -> list[Route]:
        """Their pages."""
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.log_in, methods=["POST"]),
            Route("/login/oidc", self.begin, methods=["GET"]),
            Route("/login/back", self.finish, methods=["GET"]),
            Route("/logout", needs()(self.log_out), methods=["POST"]),
            Route("/language", self.choose_language, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The login."""
        return self._form(request, "", 200)

    async def log_in(self, request: Request) -> Response:
        """Log in a local user."""
        form = await posted(request)
        name = text(form, "name")[:128]
        if self.attempts.are_too_many(name):
            return self._form(request, "login.too_many", 429)
        async with self.hashing:
            person = await asyncio.to_thread(self.users.person, name, str(form.get("password", "")))
        if person is None:
            self.attempts.failed(name)
            return self._form(request, "login.wrong", 401)
        self.attempts.succeeded(name)
        return self._logged_in(request, person, go(_own_path(text(form, "next"))))

    async def begin(self, _request: Request) -> Response:
        """Lead to the provider."""
        if self.oidc is None:
            raise Refused(404, "not_found")
        url, state = await self.oidc.begin()
        response = RedirectResponse(url, 303)
        keep(response, LOGIN, state, lax=True, max_age=600)
        return response

    async def finish(self, request: Request) -> Response:
        """Back from the provider.

        The page leads on by itself: a redirection would count as led by the provider, and strict cookies would be left
        out.
        """
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if self.oidc is None or not state or state != request.cookies.get(LOGIN, ""):
            raise Refused(403, "login_unknown")
        try:
            person = await self.oidc.finish(state, code)
        except CallerUnknown:
            raise Refused(403, "login_unknown") from None
        if not person.roles:
            raise Refused(403, "no_role")
        response = self._logged_in(request, person, page(request, "logged_in.html"))
        forget(response, LOGIN)
        return response

    async def log_out(self, request: Request) -> Response:
        """End this login."""
        await posted(request)
        self.sessions.end(request.cookies.get(SESSION, ""))
        response = go("/login")
        forget(response, SESSION)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    async def choose_language(self, request: Request) -> Response:
        """Show pages in another language."""
        form = await posted(request)
        response = go(_own_path(text(form, "next")))
        if text(form, "language") in languages():
            keep(response, LANGUAGE, text(form, "language"), max_age=YEAR_S)
        return response

    def _form(self, request: Request, fault: str, status: int) -> Response:
        if visit_of(request).session is not None and request.method == "GET":
            return go("/")
        has = {"has_users": len(self.users) > 0, "has_oidc": self.oidc is not None}
        return page(
            request, "login.html", status=status, fault=fault, next=request.query_params.get("next", "/"), **has
        )

    def _logged_in(self, request: Request, person: Person, response: Response) -> Response:
        self.sessions.end(request.cookies.get(SESSION, ""))
        keep(response, SESSION, self.sessions.begin(person))
        forget(response, FORM)
        return response


def _own_path(path: str) -> str:
    """The path of a page of the console; the first page for anything else."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
