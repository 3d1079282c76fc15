from __future__ import annotations

import subprocess
import sys

import pytest

from biometrics.template import Modality


@pytest.mark.parametrize("modality", list(Modality))
def test_no_request_waits_for_a_compiler(modality: Modality) -> None:
    """All kernels are compiled when a service starts: no search, comparison or extraction compiles one."""
    command = [sys.executable, "-m", "tests.unit.services.first_requests", modality]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("", 0) == (ran.stdout.strip(), ran.returncode), ran.stderr[-2000:]
