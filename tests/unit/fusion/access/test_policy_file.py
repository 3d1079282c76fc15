from __future__ import annotations

import logging
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid
from fusion.access.policy_file import PolicyFile
from tests.unit.fusion.policies import BORDER, written


class Clock:
    """Each look at the clock is two seconds later."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        self.now += 2.0
        return self.now


async def test_a_changed_file_is_in_force_without_a_restart(tmp_path: Path) -> None:
    """The policy in force is that of the file, also if another file takes its place."""
    path = written(tmp_path, BORDER)
    file = PolicyFile(path, Clock())
    before = (await file.current()).policy
    assert before is (await file.current()).policy
    written(tmp_path, BORDER.replace('version = "1"', 'version = "2"'))
    assert "2" == (await file.current()).policy.version
    other = tmp_path / "other.toml"
    other.write_text(BORDER.replace('version = "1"', 'version = "3"'), encoding="utf-8")
    other.replace(path)
    assert "3" == (await file.current()).policy.version


async def test_the_last_good_policy_stays_in_force(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """While the file is broken or gone, the one before holds, and each change that cannot be used is logged once."""
    path = written(tmp_path, BORDER)
    file = PolicyFile(path, Clock())
    with caplog.at_level(logging.WARNING, "biofusion.policy"):
        written(tmp_path, BORDER + "\n[[rules")
        assert ["1", "1"] == [(await file.current()).policy.version for _ in range(2)]
        path.unlink()
        assert ["1", "1"] == [(await file.current()).policy.version for _ in range(2)]
    assert 2 == len([each for each in caplog.records if each.levelno >= logging.WARNING])
    assert "stays in force" in caplog.text
    assert "no TOML" in caplog.text
    written(tmp_path, BORDER.replace('version = "1"', 'version = "4"'))
    assert "4" == (await file.current()).policy.version


async def test_the_file_is_looked_at_once_a_second(tmp_path: Path) -> None:
    """Calls within a second do not touch the file."""
    file = PolicyFile(written(tmp_path, BORDER), lambda: 5.0)
    written(tmp_path, BORDER.replace('version = "1"', 'version = "2"'))
    assert "1" == (await file.current()).policy.version


def test_a_server_does_not_start_without_its_policy(tmp_path: Path) -> None:
    """A file that is missing or broken at the start is an error."""
    with pytest.raises(ConfigurationInvalid, match="Cannot read the policy"):
        PolicyFile(tmp_path / "none.toml")
    with pytest.raises(ConfigurationInvalid, match="no TOML"):
        PolicyFile(written(tmp_path, "rules"))
