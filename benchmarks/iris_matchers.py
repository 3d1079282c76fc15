"""Full comparisons of 16,384-bit codes against the matcher of open-iris; faiss without masks is printed beside them.

Both are installed, pinned, in an environment of their own under the cache folder, by benchmarks/other_matchers.py's
first use; nothing of it enters the project. Where no registry answers, the benchmark says so and measures nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.harness import Row, Unavailable, compare, median_ms
from benchmarks.limits import read_bytes_per_s
from benchmarks.synthetic_irises import random_codes
from infra.models import cache_dir
from services.iris.comparator import IrisComparator, stacked
from services.iris.features import Words

EYES, BYTES_PER_EYE = 100_000, 4096
PAIRS = 2000
PACKAGES = (
    "open-iris==1.11.0",
    "faiss-cpu==1.15.1",
    "pydantic==1.10.26",
    "numpy==1.26.4",
    "opencv-python-headless==5.0.0.93",
    "pyyaml==6.0.3",
    "packaging==26.3",
    "typing-extensions==4.16.0",
)
"""What the matcher needs; open-iris itself asks for much more, which only its other parts use."""


def measure() -> Row:
    """One thread each; theirs is timed once in a process of its own, ours in rounds.

    Raises:
        Unavailable: the packages cannot be installed.
    """
    codes, masks = random_codes(EYES)
    theirs = _theirs(codes, masks)
    comparator, eyes = IrisComparator(), stacked(codes[:PAIRS], masks[:PAIRS])
    probe, all_eyes = stacked(codes[:1], masks[:1]), stacked(codes, masks)
    limit = 1000 * PAIRS * BYTES_PER_EYE / read_bytes_per_s()
    row = compare(
        f"iris, 1 × {PAIRS} full comparisons of 16,384 bits, 17 of 45 rotations",
        lambda: comparator.compare(probe, eyes),
        f"open-iris matcher, 31 rotations ({PAIRS} × one)",
        lambda: None,
        (limit, "reading codes and masks once"),
    )
    print(
        f"faiss binary, 1 × {EYES:,} codes of 2,048 bits without masks, no rotation: {theirs['faiss_ms']:.2f} ms; "
        f"ours, masked, at 12 rotations: {median_ms(lambda: comparator.screen(probe, all_eyes)):.2f} ms",
        file=sys.stderr,
    )
    other = PAIRS * theirs["pair_ms"]
    return replace(row, reference_ms=other, ratio=other / row.ours_ms, spread=(other / row.ours_ms,) * 2)


def _theirs(codes: Words, masks: Words) -> dict[str, float]:
    """What benchmarks/other_matchers.py measures, milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eyes.npz"
        np.savez(path, codes=codes, masks=masks)
        command = [str(_python()), str(Path(__file__).with_name("other_matchers.py")), str(path)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
    found: dict[str, float] = json.loads(printed)
    return found


def _python() -> Path:
    """The interpreter of the environment, made at the first use."""
    folder = cache_dir() / "other-matchers"
    python, done = folder / "bin" / "python", folder / "complete"
    if not done.exists() or done.read_text() != "\n".join(PACKAGES):
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--no-deps", *PACKAGES]
        try:
            subprocess.run(install, check=True, timeout=600, stdout=sys.stderr)
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable("open-iris and faiss cannot be installed: no package registry answers.") from error
        done.write_text("\n".join(PACKAGES))
    return python
