"""The settings of what operators see: logs, metrics and traces."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import ConfigurationInvalid
from infra.setting_fields import PREFIX, setting

LEVELS, FORMATS = ("DEBUG", "INFO", "WARNING", "ERROR"), ("text", "json")


@dataclass(frozen=True)  # no slots: several bases with slots cannot be joined
class TelemetrySettings:
    """A part of `Settings`."""

    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    log_format: str = setting("text", "`text`, or `json`: one object per line", rare=True)
    metrics_port: int = setting(
        -1, "port of the metrics for Prometheus; 0 takes a free one; -1: none", -1, 65535, rare=True
    )
    otlp_endpoint: str = setting(
        "",
        "collector of metrics and traces, e.g. `http://collector:4317` (OTLP over gRPC); default: none",
        rare=True,
    )
    trace_share: float = setting(
        0.01, "share of the calls without a `traceparent` of their own whose spans are sent to it", 0, 1, rare=True
    )

    def check_words(self) -> None:
        """Refuse unknown words.

        Raises:
            ConfigurationInvalid: a value is none of those that are known.
        """
        if self.log_level not in LEVELS:
            raise ConfigurationInvalid(f"{PREFIX}LOG_LEVEL is {self.log_level!r}; use DEBUG, INFO, WARNING or ERROR.")
        if self.log_format not in FORMATS:
            raise ConfigurationInvalid(f"{PREFIX}LOG_FORMAT is {self.log_format!r}; use text or json.")
        if self.otlp_endpoint and not self.otlp_endpoint.startswith(("http://", "https://")):
            raise ConfigurationInvalid(
                f"{PREFIX}OTLP_ENDPOINT is {self.otlp_endpoint!r}; use http://HOST:PORT or https://HOST:PORT."
            )
