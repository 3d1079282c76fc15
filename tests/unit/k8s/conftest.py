from __future__ import annotations

import pytest

from tests.support.kubernetes import Manifests, render


@pytest.fixture(params=["base", "overlays/kind", "overlays/production"])
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """What is sent to a cluster from one folder."""
    return render(request.param)
