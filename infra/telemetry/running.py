"""Starts and ends the exporters that the settings ask for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from biometrics.errors import ConfigurationInvalid
from infra.extras import advice
from infra.settings import Settings
from infra.telemetry.metrics import process
from infra.telemetry.readings import Source, watched

if TYPE_CHECKING:
    from infra.telemetry.prometheus import Endpoint

log = logging.getLogger("biofusion.telemetry")


class Telemetry:
    """The exporters of one process; none unless the settings ask for one.

    Args:
        settings: port of the metrics, and the collector.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running = ExitStack()
        self._endpoint: Endpoint | None = None

    @property
    def port(self) -> int:
        """The port of the metrics; -1 if they are not served."""
        return self._endpoint.port if self._endpoint else -1

    def start(self, names: Sequence[str], sources: Sequence[Source]) -> None:
        """Start what the settings ask for.

        Args:
            names: of the services of this process, for the collector.
            sources: read whenever metrics are exported.

        Raises:
            ConfigurationInvalid: the port is in use, or the extra `telemetry` is not installed.
        """
        settings = self._settings
        if settings.metrics_port < 0 and not settings.otlp_endpoint:
            return
        try:
            self._running.enter_context(watched(process.readings, *sources))
            if settings.metrics_port >= 0:
                self._serve()
            if settings.otlp_endpoint:
                self._push(", ".join(names))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the exporters, the newest first; idempotent."""
        self._running.close()
        self._endpoint = None

    def _serve(self) -> None:
        try:
            from infra.telemetry.prometheus import Endpoint  # noqa: PLC0415  # here and below: it needs an extra
        except ModuleNotFoundError as error:
            raise _not_installed(error) from error
        self._endpoint = Endpoint(self._settings)
        self._running.callback(self._endpoint.close)
        log.info("metrics on port %d", self._endpoint.port)

    def _push(self, service: str) -> None:
        try:
            from infra.telemetry.otlp import Push  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise _not_installed(error) from error
        push = Push(self._settings.otlp_endpoint, service, self._settings.trace_share)
        self._running.callback(push.close)


def _not_installed(error: ModuleNotFoundError) -> ConfigurationInvalid:
    told = advice(error) or f"{error.name} is not installed."
    return ConfigurationInvalid(f"Metrics and traces are asked for by the settings. {told}")
