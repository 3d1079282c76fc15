"""Calls of the services: for whom, how long they may take, and what becomes of their errors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import grpc
from biofusion.fusion.v1.decisions_pb2_grpc import DecisionServiceStub
from biofusion.fusion.v1.fusion_models_pb2_grpc import FusionModelServiceStub
from biofusion.fusion.v1.galleries_pb2_grpc import GalleryServiceStub
from biofusion.fusion.v1.subjects_pb2_grpc import SubjectServiceStub
from biofusion.review.v1.review_pb2_grpc import ReviewServiceStub
from google.longrunning.operations_pb2_grpc import OperationsStub

from console.people.person import Person
from infra.calling.calls import ask, shown_token
from infra.calling.channels import Service
from infra.calling.matching import matching_services
from infra.identity.intent import Intent
from infra.settings import Settings

WITHIN_S = 15.0
"""Seconds that a call may take: a person waits for it."""


class FusionStubs:
    """The stubs of the fusion services on one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.subjects = SubjectServiceStub(channel)
        self.decisions = DecisionServiceStub(channel)
        self.models = FusionModelServiceStub(channel)
        self.galleries = GalleryServiceStub(channel)
        self.operations = OperationsStub(channel)


@dataclass(frozen=True, slots=True)
class Shown:
    """What every call shows beside the console's certificate.

    Args:
        token_file: file of a token, read at every call so that it can be replaced; "" without one.
        purpose: what calls are for; "" if none is stated.
    """

    token_file: str = ""
    purpose: str = ""

    def metadata(self, person: Person, case: str) -> tuple[tuple[str, str], ...]:
        """The metadata of a call for this person. Raises ConfigurationInvalid: the token's file cannot be used."""
        return (*Intent(self.purpose, case, person.name).metadata, *shown_token(self.token_file))


class Calls:
    """Everything that the console calls. Must be made inside a running event loop.

    Args:
        settings: where the services are, and what is shown to them.
    """

    def __init__(self, settings: Settings) -> None:
        fusion = settings.console_fusion_target
        self._shown = Shown(settings.console_token_file, settings.console_purpose)
        self._fusion = Service(fusion, settings, FusionStubs)
        self._review = Service(settings.console_review_target or fusion, settings, ReviewServiceStub)
        self._matchers = matching_services(fusion, settings)

    @property
    def fusion(self) -> FusionStubs:
        """The fusion services."""
        return self._fusion.stubs

    @property
    def review(self) -> Any:
        """The review service: a ReviewServiceStub whose calls are awaited."""
        return self._review.stubs

    @property
    def matchers(self) -> dict[str, list[Any]]:
        """By name, where each matching service may be: with fusion in one process, or at its own address."""
        return {name: [each.stubs for each in services] for name, services in self._matchers.items()}

    async def ask(
        self, method: Any, request: Any, person: Person, *, case: str = "", within_s: float = WITHIN_S
    ) -> Any:
        """The answer of a call for a person.

        Args:
            method: of a stub.
            request: its request.
            person: who acts.
            case: name of the review case that it belongs to.
            within_s: seconds that it may take.

        Raises:
            CallFailed: the service refuses it, or does not answer.
            ConfigurationInvalid: the file of the console's token cannot be used.
        """
        return await ask(method, request, self._shown.metadata(person, case), within_s)

    async def close(self) -> None:
        """Close all channels."""
        await self._fusion.close()
        await self._review.close()
        for each in chain.from_iterable(self._matchers.values()):
            await each.close()
