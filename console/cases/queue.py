"""The queue: which cases wait, and taking one."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.faults import Refused
from console.people.person import REVIEWER, SUPERVISOR, Person
from console.web.pages import go, page
from console.web.visit import needs, posted, visit_of
from console.wire.reviews import VIEWS, Reviews
from infra.calling.calls import CallFailed


class Queue:
    """The pages of the queue.

    Args:
        reviews: the cases.
    """

    def __init__(self, reviews: Reviews) -> None:
        self._reviews = reviews

    def routes(self) -> list[Route]:
        """Its pages."""
        allowed = needs(REVIEWER, SUPERVISOR)
        return [
            Route("/queue", allowed(self.show), methods=["GET"]),
            Route("/live/queue", allowed(self.rows), methods=["GET"]),
            Route("/queue/next", allowed(self.take_next), methods=["POST"]),
            Route("/history", allowed(self.ended), methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """A view of the queue."""
        return page(request, "queue.html", **await self._rows(request))

    async def rows(self, request: Request) -> Response:
        """The rows alone, which the page asks for by itself."""
        return page(request, "queue_rows.html", **await self._rows(request))

    async def take_next(self, request: Request) -> Response:
        """Claim the most urgent case that the person can claim."""
        await posted(request)
        person = visit_of(request).person
        try:
            case = await self._reviews.claim(person, "", as_supervisor=not person.may(REVIEWER))
        except CallFailed as error:
            if error.reason != "NO_CASE_FREE":
                raise
            return go("/queue?none=1")
        return go(f"/cases/{case.id}")

    async def ended(self, request: Request) -> Response:
        """The cases that have ended."""
        cases, following = await self._reviews.ended(visit_of(request).person, request.query_params.get("page", ""))
        return page(request, "history.html", cases=cases, following=following)

    async def _rows(self, request: Request) -> dict[str, Any]:
        person = visit_of(request).person
        views = views_of(person)
        view = request.query_params.get("view", views[0])
        if view not in views:
            raise Refused(404, "not_found")
        here = request.query_params.get("page", "")
        cases, following = await self._reviews.queue(person, view, here)
        none = request.query_params.get("none") == "1"
        return {"cases": cases, "following": following, "view": view, "views": views, "page_token": here, "none": none}


def views_of(person: Person) -> list[str]:
    """The views of the queue that a person's roles have."""
    return [each for each in VIEWS if person.may(SUPERVISOR if each == "disputed" else REVIEWER) or each == "mine"]
