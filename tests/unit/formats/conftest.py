"""Records of others beside the repository; tests that need them are skipped without."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[4] / "shared"


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of test vectors."""
    if not (SHARED / "vectors").is_dir():
        pytest.skip("../shared/vectors is not there")
    return SHARED / "vectors"


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of files that went wrong once."""
    if not (SHARED / "cases").is_dir():
        pytest.skip("../shared/cases is not there")
    return SHARED / "cases"
