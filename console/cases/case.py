"""The page of a case: two panes, and the verdict."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from biometrics.errors import BiofusionError
from console.faults import Refused
from console.people.person import REVIEWER, SUPERVISOR
from console.pictures.redraw import redraw
from console.pictures.source import Pictures
from console.values.cases import LONGEST_NOTE, REASONS, VERDICTS, Case
from console.values.drawing import Drawn
from console.values.samples import SIDES, Tab
from console.web.pages import go, page
from console.web.visit import needs, posted, text, visit_of
from console.wire.explanations import Explanations
from console.wire.reviews import Reviews
from infra.calling.calls import CallFailed


class Cases:
    """The pages of one case.

    Args:
        reviews: the cases.
        pictures: of their samples.
        explanations: what comparisons rest on.
        max_image_bytes: of a picture.
    """

    def __init__(self, reviews: Reviews, pictures: Pictures, explanations: Explanations, max_image_bytes: int) -> None:
        self._reviews, self._pictures, self._explanations = reviews, pictures, explanations
        self._max_image_bytes = max_image_bytes

    def routes(self) -> list[Route]:
        """Its pages."""
        allowed, one = needs(REVIEWER, SUPERVISOR), "/cases/{case_id:str}"
        return [
            Route(one, allowed(self.show), methods=["GET"]),
            Route(f"{one}/{{side}}/{{index:int}}.png", allowed(self.picture), methods=["GET"]),
            Route(f"{one}/claim", allowed(self.claim), methods=["POST"]),
            Route(f"{one}/give-back", allowed(self.give_back), methods=["POST"]),
            Route(f"{one}/verdict", allowed(self.decide), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The case, at one of its tabs."""
        case = await self._case(request)
        return await self._page(request, case)

    async def claim(self, request: Request) -> Response:
        """Claim the case, or renew the lease while its page is used."""
        form = await posted(request)
        as_supervisor = text(form, "role") == "supervisor"
        case_id = request.path_params["case_id"]
        await self._reviews.claim(visit_of(request).person, case_id, as_supervisor=as_supervisor)
        return Response(status_code=204) if text(form, "quiet") else go(f"/cases/{case_id}")

    async def give_back(self, request: Request) -> Response:
        """Give the case back without a verdict."""
        await posted(request)
        await self._reviews.give_back(visit_of(request).person, request.path_params["case_id"])
        return go("/queue")

    async def decide(self, request: Request) -> Response:
        """Give a verdict; what is missing or has changed is told on the same page, and the note stays."""
        form = await posted(request)
        given = {name: text(form, name) for name in ("verdict", "reason", "note", "etag")}
        person, case_id = visit_of(request).person, request.path_params["case_id"]
        fault = _fault(given)
        if not fault:
            try:
                await self._reviews.decide(person, case_id, given["etag"], *(given[each] for each in _FIELDS))
            except CallFailed as error:
                if error.reason not in {"CASE_CHANGED", "CASE_STATE"}:
                    raise
                fault = "verdict.changed"
            else:
                return go(f"/cases/{case_id}")
        return await self._page(request, await self._case(request), given=given, fault=fault)

    async def picture(self, request: Request) -> Response:
        """A sample's picture, redrawn and marked with who sees it and when."""
        person, case = visit_of(request).person, await self._case(request)
        sample = case.sample(request.path_params["side"], request.path_params["index"])
        if sample is None:
            raise Refused(404, "not_found")
        data = await self._pictures.image(person, case, sample)
        mark = f"{person.name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        png = await asyncio.to_thread(redraw, data, mark, self._max_image_bytes)
        return Response(png, media_type="image/png")

    async def _case(self, request: Request) -> Case:
        return await self._reviews.case(visit_of(request).person, request.path_params["case_id"])

    async def _page(
        self, request: Request, case: Case, *, given: dict[str, str] | None = None, fault: str = ""
    ) -> Response:
        number = _number(request.query_params.get("tab", "1"), len(case.tabs))
        tab = case.tabs[number - 1] if case.tabs else None
        drawn, told = await self._drawn(request, case, tab)
        return page(
            request,
            "case.html",
            status=(409 if fault == "verdict.changed" else 422) if fault else 200,
            case=case,
            tab=tab,
            number=number,
            sides=SIDES,
            drawn=drawn,
            no_drawing=told,
            given=given or {},
            fault=fault,
            verdicts=VERDICTS,
            reasons=REASONS,
            longest_note=LONGEST_NOTE,
        )

    async def _drawn(self, request: Request, case: Case, tab: Tab | None) -> tuple[Drawn | None, str]:
        """What can be drawn of the tab's comparison; or else None, and the key of why not."""
        if tab is None or not case.is_mine or not case.subject_id:
            return None, ""
        if tab.probe is None or not (tab.probe.has_picture or tab.probe.has_template):
            return None, "case.nothing_to_draw"
        person = visit_of(request).person
        try:
            image, template = await self._pictures.sample(person, case, tab.probe)
            return await self._explanations.explain(person, case, tab, image, template), ""
        except (CallFailed, BiofusionError, Refused):
            return None, "case.not_drawn"


_FIELDS = ("verdict", "reason", "note")


def _fault(given: dict[str, str]) -> str:
    """The key of what is wrong with a verdict; "" if nothing is."""
    if given["verdict"] not in VERDICTS:
        return "verdict.missing"
    if given["reason"] not in REASONS:
        return "verdict.reason_missing"
    if given["reason"] == "OTHER" and not given["note"]:
        return "verdict.note_missing"
    return "verdict.note_long" if len(given["note"]) > LONGEST_NOTE else ""


def _number(stated: str, count: int) -> int:
    """The tab's number, from 1; the first one for what is none."""
    return int(stated) if stated.isascii() and stated.isdecimal() and 1 <= int(stated) <= count else 1
