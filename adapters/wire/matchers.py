"""The matching services, in one process with fusion or at addresses of their own."""

from __future__ import annotations

from typing import Any

from adapters.wire.fusion import Fusion
from infra.calling.calls import CallFailed
from infra.calling.matching import matching_services
from infra.settings import Settings

_ELSEWHERE = "UNIMPLEMENTED"


class Matchers:
    """Calls the service of a modality. Must be made inside a running event loop.

    Args:
        settings: where the services are: with fusion, or at `face_target` and its like.
        fusion: shows to them what it shows to fusion.

    Raises:
        ConfigurationInvalid: a matching service is on another machine and TLS is off.
    """

    def __init__(self, settings: Settings, fusion: Fusion) -> None:
        self._fusion = fusion
        self._services = matching_services(settings.adapter_fusion_target, settings)

    async def ask(self, modality: str, method: str, request: Any) -> Any:
        """The answer of a call.

        Args:
            modality: "face", "fingerprint" or "iris".
            method: of its service.
            request: its request.

        Raises:
            CallFailed: it is refused, or not answered.
            ConfigurationInvalid: the file of the token cannot be used.
        """
        services = self._services[modality]
        try:
            return await self._fusion.ask(getattr(services[0].stubs, method), request)
        except CallFailed as error:
            if error.status != _ELSEWHERE or len(services) == 1:
                raise
        services.reverse()  # fusion has none of it in its process: the other address is asked from now on
        return await self._fusion.ask(getattr(services[0].stubs, method), request)

    async def close(self) -> None:
        """Close all channels."""
        for services in self._services.values():
            for each in services:
                await each.close()
