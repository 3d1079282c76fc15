"""The fusion service, as an adapter calls it."""

from __future__ import annotations

from typing import Any

import grpc
from biofusion.fusion.v1.decisions_pb2_grpc import DecisionServiceStub
from biofusion.fusion.v1.encounters_pb2_grpc import EncounterServiceStub
from biofusion.fusion.v1.galleries_pb2_grpc import GalleryServiceStub
from biofusion.fusion.v1.subjects_pb2_grpc import SubjectServiceStub
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from biometrics.errors import FieldInvalid
from gallery.store.tokens import joined
from gallery.store.values import ConsistencyToken
from infra.calling.calls import CallFailed, ask, shown_token
from infra.calling.channels import Service
from infra.identity.intent import Intent
from infra.settings import Settings

HEALTH_S = 2.0
"""Seconds that a question for its health may take."""


class Stubs:
    """The stubs on one channel; their methods are awaited through `Fusion.ask`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.subjects: Any = SubjectServiceStub(channel)
        self.encounters: Any = EncounterServiceStub(channel)
        self.decisions: Any = DecisionServiceStub(channel)
        self.galleries: Any = GalleryServiceStub(channel)
        self.health: Any = HealthStub(channel)


class Fusion:
    """Everything that an adapter calls. Must be made inside a running event loop.

    Args:
        settings: where fusion is, and what is shown to it.

    Attributes:
        written: token of all writes, in whichever order they were answered; a search that states it sees what this
            process wrote. "" before any.

    Raises:
        ConfigurationInvalid: a file of TLS cannot be used, or fusion is on another machine and TLS is off.
    """

    def __init__(self, settings: Settings) -> None:
        self._purpose, self._token_file = settings.adapter_purpose, settings.adapter_token_file
        self._within_s = settings.default_deadline_s
        self.written = ""
        self._service = Service(settings.adapter_fusion_target, settings, Stubs)

    @property
    def stubs(self) -> Stubs:
        """On the present channel."""
        return self._service.stubs

    async def ask(self, method: Any, request: Any, *, case: str = "", officer: str = "", request_id: str = "") -> Any:
        """The answer of a call.

        Args:
            method: of a stub.
            request: its request.
            case: reference to what the call belongs to.
            officer: pseudonym of who acts.
            request_id: of the call; a repetition with the same one names the same review case.

        Raises:
            CallFailed: it is refused, or not answered.
            ConfigurationInvalid: the file of the token cannot be used.
        """
        more = (("x-request-id", request_id),) if request_id else ()
        metadata = (*Intent(self._purpose, case, officer).metadata, *shown_token(self._token_file), *more)
        try:
            answer = await ask(method, request, metadata, self._within_s)
        except CallFailed as error:
            if error.reason != "STORE_SET_BACK" or not self.written:
                raise
            self.written = request.consistency_token = ""  # a backup was restored: what was written is no longer there
            answer = await ask(method, request, metadata, self._within_s)
        self.written = _with_later(self.written, getattr(answer, "consistency_token", ""))
        return answer

    async def is_serving(self) -> bool:
        """Whether fusion says that it can be called."""
        try:
            answer = await ask(self.stubs.health.Check, HealthCheckRequest(), (), HEALTH_S)
        except CallFailed:
            return False
        return bool(answer.status == HealthCheckResponse.SERVING)

    async def close(self) -> None:
        """Close all channels."""
        await self._service.close()


def _with_later(written: str, token: str) -> str:
    """One token for what was written and for another write, which may be an earlier one or of another partition."""
    try:
        return joined([ConsistencyToken(written), ConsistencyToken(token)])
    except FieldInvalid:  # fusion has another store now
        return token
