from __future__ import annotations

import logging
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid
from fusion.wire.access.assembly import door_of
from infra.settings import Settings
from tests.support.stores.sqlite_store import sqlite_store
from tests.unit.fusion.policies import BORDER, written


def test_a_server_says_whether_it_has_a_policy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without one it says that everybody may do everything, as a warning if other machines can reach it."""
    store = sqlite_store(tmp_path / "store.db")
    path = str(written(tmp_path, BORDER))
    with caplog.at_level(logging.INFO, "biofusion.policy"):
        for settings in (Settings(), Settings(host="0.0.0.0"), Settings(policy_file=path)):  # not bound
            door_of(settings, store)
    assert ["INFO", "WARNING", "INFO"] == [each.levelname for each in caplog.records]
    told = [each.getMessage() for each in caplog.records]
    assert "every caller of this machine may do everything" in told[0]
    assert "every caller that reaches 0.0.0.0 may do everything" in told[1]
    assert "is in force: 9 rules" in told[2]


def test_a_server_does_not_start_with_a_broken_policy(tmp_path: Path) -> None:
    """The error says what is wrong."""
    settings = Settings(policy_file=str(written(tmp_path, "format = 1")))
    with pytest.raises(ConfigurationInvalid, match="version: a text"):
        door_of(settings, sqlite_store(tmp_path / "store.db"))
