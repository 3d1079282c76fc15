"""HTTP around the operations: who calls, what is asked, and how the answer is told."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.osia.call import Call
from adapters.osia.door import Door
from adapters.osia.faults import Refused, bad, fault_of, status_of
from adapters.osia.operations import OPERATIONS, REDELIVER, TASK_STATUS, Operation, Perform
from adapters.osia.reading.queries import query_of
from adapters.osia.tasks.tasks import Tasks
from infra.calling.calls import CallFailed

log = logging.getLogger("biofusion.osia")
_NO_STORE = {"Cache-Control": "no-store"}
_GET = "GET"


class Http:
    """The routes of the interface.

    Args:
        door: lets callers in.
        tasks: takes requests with a callback.
        performers: what does each operation, by its name.
        most_bytes: of a body.
    """

    def __init__(self, door: Door, tasks: Tasks, performers: Mapping[str, Perform], most_bytes: int) -> None:
        self._door, self._tasks, self._performers, self._most_bytes = door, tasks, performers, most_bytes

    def routes(self) -> list[Route]:
        """One for each path, with all of its operations: so the header `Allow` of a 405 names all methods."""
        paths: dict[str, dict[str, Operation]] = {}
        for each in (*OPERATIONS, TASK_STATUS, REDELIVER):
            paths.setdefault(each.path, {})[each.method] = each
        return [Route(path, partial(self._answer, there), methods=[*there]) for path, there in paths.items()]

    async def _answer(self, methods: Mapping[str, Operation], request: Request) -> Response:
        operation = methods[_GET if request.method == "HEAD" else request.method]
        try:
            caller = await self._door.caller(request, operation.scopes)
            return await self._done(operation, request, caller)
        except (Refused, CallFailed) as error:
            fault = fault_of(error)
            log.info("%s: %s %d", operation.name, type(error).__name__, fault["code"])
        except ClientDisconnect:
            fault = {"code": 400, "message": "The body has no end."}
        except Exception as error:  # noqa: BLE001 - the border; the text of an error may quote the body
            log.error("%s: %s", operation.name, type(error).__name__)  # noqa: TRY400
            fault = fault_of(error)
        return JSONResponse(fault, status_of(fault["code"], operation.documented), _NO_STORE)

    async def _done(self, operation: Operation, request: Request, caller: str) -> Response:
        known = operation.parameters - ({"callback"} if operation in (TASK_STATUS, REDELIVER) else set())
        query = query_of(request.query_params.multi_items(), known, operation.required | {"transactionId"})
        if operation is TASK_STATUS:
            return JSONResponse(self._tasks.status(request.path_params["taskId"], caller), headers=_NO_STORE)
        if operation is REDELIVER:
            self._tasks.redeliver(request.path_params["taskId"], caller)
            return Response(status_code=204)
        call = await self._call(operation, request, query, caller)
        if "callback" in query:
            task_id = self._tasks.accept(call, query["callback"], query["transactionId"], caller)
            return JSONResponse({"taskId": task_id}, 202, _NO_STORE)
        result = await self._performers[operation.name](call)
        if result is None:
            return Response(status_code=204)
        if operation.name == "readGalleryContent" and "text/csv" in request.headers.get("accept", ""):
            return Response(_csv(result), media_type="text/csv", headers=_NO_STORE)
        return JSONResponse(result, headers=_NO_STORE)

    async def _call(self, operation: Operation, request: Request, query: dict[str, Any], caller: str) -> Call:
        data = await self._body(request) if operation.has_body else b""
        seed = str(uuid.uuid4())
        if operation.is_repeatable:
            digest = sha256(data).hexdigest()
            seed = "\n".join((caller, operation.name, request.url.path, query["transactionId"], digest))
        path = {name: str(value) for name, value in request.path_params.items()}
        return Call(operation.name, path, query, _parsed(data), seed)

    async def _body(self, request: Request) -> bytes:
        read = bytearray()
        async for chunk in request.stream():
            read += chunk
            if len(read) > self._most_bytes:
                raise bad(f"The body has more than {self._most_bytes} bytes.")
        return bytes(read)


def _parsed(data: bytes) -> Any:
    if not data.strip():
        return None
    try:
        return json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise bad("The body is not JSON.") from None


def _no_constant(_name: str) -> None:
    raise ValueError


def _csv(rows: list[dict[str, str]]) -> str:
    return "".join(["personId,encounterId\n", *(f"{each['personId']},{each['encounterId']}\n" for each in rows)])
