"""Published sample records, where they are present, and minutiae made up for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from formats.contents import MinutiaeContent
from tests.unit.formats.minutiae.views import random_view

VECTORS = Path(__file__).parents[5] / "shared" / "vectors" / "fmr"


@pytest.fixture
def vector() -> Callable[[str], bytes]:
    """The bytes of a published sample; the test is skipped without them."""
    if not VECTORS.is_dir():
        pytest.skip("../shared/vectors is not there")
    return lambda name: (VECTORS / name).read_bytes()


@pytest.fixture
def view() -> Callable[..., MinutiaeContent]:
    """Makes a view with so many random minutiae."""
    return random_view
