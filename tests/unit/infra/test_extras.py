from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.extras import missing

ROOT = Path(__file__).parents[3]
TOLD = """
import sys
sys.path[:0] = sys.argv[1:]
from infra.extras import missing
print(missing("cv2", "matching"))
"""
OURS = "[console_scripts]\nbiofusion = cli.__main__:main\n"
NOT_OURS = "[console_scripts]\nbiofusion = biofusion.main:main\n"
IN_A_CHECKOUT = "pip install -e '.[matching]' in this project's checkout."


@pytest.mark.parametrize(
    ("entry_points", "command"),
    [(OURS, "pip install 'biofusion[matching]==7.1'."), (NOT_OURS, IN_A_CHECKOUT), (None, IN_A_CHECKOUT)],
)
def test_the_name_is_used_only_where_we_are_installed(tmp_path: Path, entry_points: str | None, command: str) -> None:
    """An installed distribution of ours is extended by its name and version; elsewhere the checkout is named."""
    if entry_points is not None:
        installed = tmp_path / "biofusion-7.1.dist-info"
        installed.mkdir()
        (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: biofusion\nVersion: 7.1\n")
        (installed / "entry_points.txt").write_text(entry_points)
    words = [sys.executable, "-I", "-S", "-c", TOLD, str(tmp_path), str(ROOT)]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert f"opencv-python-headless is not installed. Install what this needs: {command}\n" == told


def test_packages_are_named_as_pip_knows_them() -> None:
    """The package is named, not the module."""
    assert missing("PIL", "matching").startswith("Pillow is not installed.")
    assert missing("click", "cli").startswith("click is not installed.")
