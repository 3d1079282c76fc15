"""OpenCV has no threads of its own where images are extracted."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["face", "fingerprint", "iris"])
def test_opencv_works_in_the_thread_that_calls_it(name: str) -> None:
    """A matching service leaves OpenCV one thread, as its workers share the cores already."""
    program = f"import cv2, services.{name}.__main__; print(cv2.getNumThreads())"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "1" == ran.stdout.strip()
