from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
OUTER = """
from infra.kernels.kernel import kernel
from inner import factor

@kernel
def scaled(value):
    return factor() * value

print(scaled(10))
"""
INNER = """
from infra.kernels.kernel import kernel

@kernel
def factor():
    return {factor}
"""


@pytest.mark.parametrize("writable", [True, False])
def test_a_changed_source_is_compiled_anew(tmp_path: Path, *, writable: bool) -> None:
    """Compiled code is kept where that is possible, but never outlives a change in any file that it is made of."""
    kept = tmp_path / "kernels"
    place = kept if writable else Path("/dev/null/kernels")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(place)}
    (tmp_path / "outer.py").write_text(OUTER)
    printed = []
    for factor in (2, 3):
        (tmp_path / "inner.py").write_text(INNER.format(factor=factor))
        done = subprocess.run(
            [sys.executable, "outer.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        printed.append(done.stdout.strip())
    assert ["20", "30"] == printed
    assert (4 if writable else 0) == len(list(kept.glob("*-*")))
