"""A running review service on each kind of store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contract.conftest import OpenStore
from tests.support.review.desk import Desk, desk_of


@pytest.fixture(params=["sqlite", "redis"])
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens stores of one kind; every test that uses this fixture runs on both kinds."""
    opener: OpenStore = request.getfixturevalue(f"open_{request.param}")
    return opener


@pytest.fixture
async def desk(open_store: OpenStore) -> AsyncIterator[Desk]:
    """A running service, with pictures allowed."""
    async with desk_of(open_store(), keeps_images=True) as desk:
        yield desk
