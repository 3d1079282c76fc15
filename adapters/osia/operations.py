"""The operations of the interface: their methods, paths, queries, scopes and documented answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.osia.call import Call

Perform = Callable[[Call], Awaitable[Any]]

_WRITE, _READ = frozenset({"abis.encounter.write"}), frozenset({"abis.encounter.read"})
_IDENTIFY, _VERIFY = frozenset({"abis.identify"}), frozenset({"abis.verify"})
_GALLERIES = frozenset({"abis.gallery.read"})
_CREATED = ("priority", "algorithm")
_LIMITS = ("priority", "threshold", "accuracyLevel", "serviceLevel")
_TEMPLATE = ("biometricType", "biometricSubType", "instance", "templateFormat", "qualityFormat", "priority")
_USUAL = (400, 403, 500)
_PERSON, _ENCOUNTER = "/v1/persons/{personId}", "/v1/persons/{personId}/encounters/{encounterId}"
_MERGE = "/v1/persons/{personIdTarget}/merge/{personIdSource}"
_MOVE = "/v1/persons/{personIdTarget}/move/{personIdSource}/encounters/{encounterId}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Args:
        name: its operationId.
        method: of HTTP.
        path: with names in braces.
        scopes: one of them is needed.
        query: parameters beside transactionId and callback.
        errors: further statuses that it documents.
        has_body: whether its body is read.
        required: parameters of `query` that are required.
        is_repeatable: whether the same request in the same transaction answers the first result.
    """

    name: str
    method: str
    path: str
    scopes: frozenset[str]
    query: tuple[str, ...] = ("priority",)
    errors: tuple[int, ...] = ()
    has_body: bool = False
    required: frozenset[str] = field(default=frozenset())
    is_repeatable: bool = False

    @property
    def parameters(self) -> frozenset[str]:
        """All that its query may have."""
        return frozenset({"transactionId", "callback", *self.query})

    @property
    def documented(self) -> frozenset[int]:
        """The statuses of errors that it documents."""
        return frozenset({*_USUAL, *self.errors})


OPERATIONS = (
    Operation("createEncounterNoIds", "POST", "/v1/persons", _WRITE, _CREATED, (), True, is_repeatable=True),
    Operation("createEncounterNoId", "POST", f"{_PERSON}/encounters", _WRITE, _CREATED, (), True, is_repeatable=True),
    Operation("readAllEncounters", "GET", f"{_PERSON}/encounters", _READ, errors=(404,)),
    Operation("createEncounter", "POST", _ENCOUNTER, _WRITE, _CREATED, (409,), True),
    Operation("readEncounter", "GET", _ENCOUNTER, _READ, errors=(404,)),
    Operation("updateEncounter", "PUT", _ENCOUNTER, _WRITE, _CREATED, (404,), True),
    Operation("deleteEncounter", "DELETE", _ENCOUNTER, _WRITE, errors=(404,)),
    Operation("mergeEncounter", "POST", _MERGE, _WRITE, errors=(404, 409)),
    Operation("moveEncounter", "POST", _MOVE, _WRITE, errors=(404, 409)),
    Operation(
        "updateEncounterStatus", "PUT", f"{_ENCOUNTER}/status", _WRITE, ("status",), required=frozenset({"status"})
    ),
    Operation("updateEncounterGalleries", "PUT", f"{_ENCOUNTER}/galleries", _WRITE, (), has_body=True),
    Operation("readTemplate", "GET", f"{_ENCOUNTER}/templates", _READ, _TEMPLATE, (404,)),
    Operation("deleteAll", "DELETE", _PERSON, _WRITE, errors=(404,)),
    Operation("identify", "POST", "/v1/identify/{galleryId}", _IDENTIFY, ("maxNbCand", *_LIMITS), (404,), True),
    Operation(
        "identifyFromId",
        "POST",
        "/v1/identify/{galleryId}/{personId}",
        _IDENTIFY,
        ("maxNbCand", *_LIMITS),
        (404,),
        True,
    ),
    Operation(
        "identifyFromEncounterId",
        "POST",
        "/v1/identify/{galleryId}/{personId}/encounters/{encounterId}",
        _IDENTIFY,
        ("maxNbCand", *_LIMITS),
        (404,),
        True,
    ),
    Operation("verifyFromId", "POST", "/v1/verify/{galleryId}/{personId}", _VERIFY, _LIMITS, (404,), True),
    Operation("verifyFromBio", "POST", "/v1/verify", _VERIFY, _LIMITS, (), True),
    Operation("readGalleries", "GET", "/v1/galleries", _GALLERIES),
    Operation(
        "readGalleryContent", "GET", "/v1/galleries/{galleryId}", _GALLERIES, ("priority", "offset", "limit"), (404,)
    ),
)
"""All but those on tasks."""

_READ_TASK, _UPDATE_TASK = frozenset({"abis.task.read"}), frozenset({"abis.task.update", "abis.task.write"})
TASK_STATUS = Operation("readTaskStatus", "GET", "/v1/tasks/{taskId}/status", _READ_TASK, (), (404,))
REDELIVER = Operation("redeliverTaskResult", "POST", "/v1/tasks/{taskId}/redeliver", _UPDATE_TASK, (), (404,))
