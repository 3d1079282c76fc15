"""Assembles the adapter: its routes, and what becomes of errors.

Every answer has HTTP status 200, as MOSIP's clients expect it. Nothing of a request's body is in an error or a log.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.mosip_biosdk import requests
from adapters.mosip_biosdk.codes import Refused, Status, Unreadable, refusal_of
from adapters.mosip_biosdk.conversion import convert_format
from adapters.mosip_biosdk.envelope import Json, answer, opened, refusal, result, unreadable
from adapters.mosip_biosdk.extraction import extract_template
from adapters.mosip_biosdk.information import information
from adapters.mosip_biosdk.matching import match
from adapters.mosip_biosdk.quality import check_quality
from adapters.mosip_biosdk.segmentation import segment
from adapters.mosip_biosdk.wire.services import Services
from adapters.serving import health_routes
from adapters.wire.fusion import Fusion
from biometrics.errors import BiofusionError
from infra.calling.calls import CallFailed
from infra.settings import Settings

PORT = 9099
"""Where it listens unless a setting says otherwise: the port of MOSIP's own service."""
PREFIX = "/biosdk-service"
Operation = Callable[[Json], Awaitable[Json]]
_log = logging.getLogger(__name__)


def build(settings: Settings, fusion: Fusion) -> Starlette:
    """The adapter. Must be called inside a running event loop; its lifespan ends the connections.

    Args:
        settings: where the matching services are, and limits.
        fusion: the fusion service.

    Raises:
        ConfigurationInvalid: a service is on another machine and TLS is off.
    """
    services = Services(settings, fusion)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await services.close()

    most = settings.adapter_max_body_mb * 2**20
    routes = [
        Route(f"{PREFIX}/{name}", partial(_answered, operation, most), methods=["POST"])
        for name, operation in _operations(services, settings.max_image_bytes).items()
    ]
    first = Route(f"{PREFIX}/", _hello, methods=["GET"])
    return Starlette(routes=[*health_routes(fusion), first, *routes], lifespan=lifespan)


def _operations(services: Services, max_image_bytes: int) -> dict[str, Operation]:
    async def init(_request: Json) -> Json:
        return answer(information())

    async def quality(request: Json) -> Json:
        asked = await asyncio.to_thread(requests.samples, request, "modalitiesToCheck")
        return result(await check_quality(asked, services))

    async def extract(request: Json) -> Json:
        asked = await asyncio.to_thread(requests.samples, request, "modalitiesToExtract")
        return result(await extract_template(asked, services))

    async def compare(request: Json) -> Json:
        return result(await match(await asyncio.to_thread(requests.match, request), services))

    async def convert(request: Json) -> Json:
        asked = await asyncio.to_thread(requests.conversion, request)
        return result(await convert_format(asked, max_image_bytes))

    async def cut(request: Json) -> Json:
        asked = await asyncio.to_thread(requests.samples, request, "modalitiesToSegment")
        return result(await segment(asked, services, max_image_bytes))

    return {
        "init": init,
        "check-quality": quality,
        "match": compare,
        "extract-template": extract,
        "convert-format": convert,
        "segment": cut,
    }


async def _hello(_request: Request) -> Response:
    return PlainTextResponse("Biofusion as MOSIP's biometric SDK")


async def _answered(operation: Operation, most_bytes: int, request: Request) -> Response:
    """The answer of an operation, or that of its error."""
    try:
        found = await operation(await asyncio.to_thread(opened, await _body(request, most_bytes)))
    except Unreadable as error:
        found = unreadable(error)
    except Refused as error:
        found = refusal(error)
    except CallFailed as error:
        _log.warning("%s: %s %s", request.url.path, error.status, error.reason)
        found = refusal(refusal_of(error))
    except BiofusionError as error:
        _log.error("%s: %s", request.url.path, type(error).__name__)
        found = refusal(Refused(Status.UNKNOWN_ERROR, "The adapter cannot do its work; its log says why."))
    return Response(await asyncio.to_thread(_written, found), media_type="application/json")


def _written(found: Json) -> bytes:
    return json.dumps(found, separators=(",", ":")).encode()


async def _body(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise Unreadable("INVALID_REQUEST_BODY", f"The body has more than {most_bytes} bytes.")
    return bytes(body)
