"""Tests of telemetry begin without listeners, whoever else in this process has some."""

from __future__ import annotations

import pytest

from infra.telemetry import readings
from infra.telemetry.instruments import listening


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """No exporter runs, and no source is read."""
    monkeypatch.setattr(listening, "count", 0)
    monkeypatch.setattr(readings, "_sources", [])
