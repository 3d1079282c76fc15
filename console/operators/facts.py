"""The pages of operators."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from biometrics.errors import Unavailable
from console.fetching import Fetching
from console.operators.metrics import Row, mixes, rows_of, spreads
from console.people.person import OPERATOR
from console.web.pages import page
from console.web.visit import needs, visit_of
from console.wire.operations import Operations

METRICS = Fetching(most_bytes=8 * 1024 * 1024, within_s=5.0)


class Facts:
    """Galleries, jobs, the fusion model, charts and services.

    Args:
        operations: asks for them.
        metrics: addresses of metrics.
    """

    def __init__(self, operations: Operations, metrics: tuple[str, ...]) -> None:
        self._operations, self._metrics = operations, metrics

    def routes(self) -> list[Route]:
        """Their pages."""
        pages = {
            "/galleries": self.galleries,
            "/jobs": self.jobs,
            "/live/jobs": self.job_rows,
            "/model": self.model,
            "/charts": self.charts,
            "/services": self.services,
        }
        return [Route(path, needs(OPERATOR)(each), methods=["GET"]) for path, each in pages.items()]

    async def galleries(self, request: Request) -> Response:
        """How many are enrolled where."""
        return page(request, "galleries.html", galleries=await self._operations.galleries(visit_of(request).person))

    async def jobs(self, request: Request) -> Response:
        """Long-running jobs."""
        return page(request, "jobs.html", jobs=await self._operations.jobs(visit_of(request).person))

    async def job_rows(self, request: Request) -> Response:
        """The rows alone, which the page asks for by itself."""
        return page(request, "jobs_rows.html", jobs=await self._operations.jobs(visit_of(request).person))

    async def model(self, request: Request) -> Response:
        """How scores become decisions."""
        return page(request, "model.html", model=await self._operations.model(visit_of(request).person))

    async def services(self, request: Request) -> Response:
        """What the matching services run."""
        return page(request, "services.html", services=await self._operations.services(visit_of(request).person))

    async def charts(self, request: Request) -> Response:
        """Shares of outcomes, and quality."""
        rows, silent = list[Row](), list[str]()
        for address in self._metrics:
            try:
                data = await asyncio.to_thread(METRICS.fetch, address)
            except Unavailable:
                silent.append(address)
            else:
                rows += rows_of(data.decode(errors="replace"))
        return page(
            request, "charts.html", mixes=mixes(rows), spreads=spreads(rows), silent=silent, is_set=bool(self._metrics)
        )
