"""The page that tries it out: enrols and identifies from the camera or files, on this machine only."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.faults import Refused, http_status
from console.people.person import OPERATOR
from console.web.door import UPLOAD_BYTES
from console.web.pages import page
from console.web.visit import needs, posted, text, visit_of
from console.wire.trials import POSITIONS, Trials
from infra.calling.calls import CallFailed

ROWS = 4
"""Pictures of one trial."""
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What proxies add: through one, others than this machine may be asking."""

MultiPartParser.spool_max_size = UPLOAD_BYTES  # pictures stay in memory: none is written to a temporary file


class Trying:
    """The page.

    Args:
        trials: enrols and identifies.
    """

    def __init__(self, trials: Trials) -> None:
        self._trials = trials

    def routes(self) -> list[Route]:
        """Its pages."""
        allowed = needs(OPERATOR)
        return [
            Route("/try", allowed(self.show), methods=["GET"]),
            Route("/try", allowed(self.run), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form."""
        _check_is_here(request)
        return self._page(request)

    async def run(self, request: Request) -> Response:
        """Enrol or identify."""
        _check_is_here(request)
        form = await posted(request)
        try:
            samples = await _samples(form)
        finally:
            await form.close()
        subject_id, person = text(form, "subject_id"), visit_of(request).person
        is_enrolment = text(form, "action") == "enrol"
        if not samples or (is_enrolment and not subject_id):
            return self._page(request, status=422, fault="try.nothing" if not samples else "try.no_subject")
        try:
            if is_enrolment:
                tried = await self._trials.enrol(person, subject_id, samples)
            else:
                tried = await self._trials.identify(person, samples)
        except CallFailed as error:
            return self._page(request, status=http_status(error), fault="try.failed", detail=error.message)
        return self._page(request, tried=tried, subject_id=subject_id)

    def _page(self, request: Request, *, status: int = 200, **values: object) -> Response:
        shown = {"tried": None, "fault": "", "detail": "", "subject_id": ""} | values
        return page(request, "try.html", status=status, rows=range(1, ROWS + 1), positions=POSITIONS, **shown)


def _check_is_here(request: Request) -> None:
    """Refuse whoever is not on this machine. Raises Refused."""
    client = request.client.host if request.client else ""
    is_here = client in {"127.0.0.1", "::1"} and not any(each in request.headers for each in FORWARDED)
    if not (request.app.state.has_try_it and is_here):
        raise Refused(404, "not_found")


async def _samples(form: FormData) -> list[tuple[str, bytes]]:
    found = []
    for row in range(1, ROWS + 1):
        file, position = form.get(f"file{row}"), text(form, f"position{row}")
        if isinstance(file, UploadFile) and file.size and position in POSITIONS:
            found.append((position, await file.read()))
    return found
