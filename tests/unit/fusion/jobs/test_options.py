"""Options of jobs among the settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid
from fusion.jobs.options import JobOptions
from infra.settings import Settings


def test_the_defaults_are_those_of_the_settings() -> None:
    """Options made by hand are those of a program without settings."""
    assert JobOptions() == JobOptions.of(Settings())


def test_callbacks_need_a_key(tmp_path: Path) -> None:
    """Origins without a key of 32 bytes are refused at the start."""
    settings = Settings(job_callback_origins="https://hooks.example.org")
    file = tmp_path / "secret"
    for content in (None, b"", b"x" * 31, b" " * 40):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigurationInvalid, match="SECRET_FILE"):
            JobOptions.of(replace(settings, job_callback_secret_file=str(file)))
    file.write_bytes(b"x" * 32 + b"\n")
    assert JobOptions.of(replace(settings, job_callback_secret_file=str(file))).origins.allowed
