"""An adapter on a free port in a thread of this process."""

from __future__ import annotations

from contextlib import AbstractContextManager

from adapters.serving import Build, server_of
from infra.settings import Settings
from tests.support.http_serving import served


def running_adapter(settings: Settings, build: Build) -> AbstractContextManager[str]:
    """Its address."""
    return served(lambda: server_of(settings, 0, build))
