from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.kernels.built import FOLDER, forget_addresses

ROOT = Path(__file__).parents[4]
PROGRAM = """
import sys
from infra.kernels.kernel import KERNELS, kernel

@kernel
def twice(value):
    return value + value

@kernel
def doubled(value):
    return twice(value)

assert 4 == doubled(2)
if "other" in sys.argv:
    assert 3.0 == doubled(1.5)
print(sum(KERNELS[-1].stats.cache_misses.values()))
"""


def run(folder: Path, cache: Path, *words: str) -> str:
    """Run the program with a cache of its own; returns the number of kernels that it compiled."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "BIOFUSION_CACHE_DIR": str(folder),
        "NUMBA_CACHE_DIR": str(cache),
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
    }
    command = [sys.executable, "program.py", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def test_code_that_came_with_an_image_is_used_and_added_to(tmp_path: Path) -> None:
    """What was compiled earlier is not compiled again, and what was not is kept where it can be written."""
    (tmp_path / "program.py").write_text(PROGRAM)
    built, cache = tmp_path / FOLDER, tmp_path / "tmp"
    assert "1" == run(tmp_path, built).strip()
    before = sorted(built.rglob("*.nb*"))

    assert "0" == run(tmp_path, cache).strip()
    files = sorted(cache.rglob("*.nb*"))
    assert [each.relative_to(built) for each in before] == [each.relative_to(cache) for each in files]
    assert all(each.is_symlink() for each in files)

    assert "1" == run(tmp_path, cache, "other").strip()
    assert "0" == run(tmp_path, cache, "other").strip()
    assert before == sorted(built.rglob("*.nb*"))


def test_two_compilations_are_equal(tmp_path: Path) -> None:
    """The same kernels give the same files in two processes, and these are still used."""
    (tmp_path / "program.py").write_text(PROGRAM)
    made = []
    for name in ("one", "other"):
        run(tmp_path, tmp_path / name)
        forget_addresses(tmp_path / name)
        files = sorted((tmp_path / name).rglob("*.nb*"))
        made.append([(each.relative_to(tmp_path / name), each.read_bytes()) for each in files])
    assert made[0] == made[1]
    assert any(b"at 0x000000" in content for _, content in made[0])
    assert "0" == run(tmp_path, tmp_path / "one").strip()
