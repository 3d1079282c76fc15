"""Files whose decoders are compiled go to workers that have their machine code loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.errors import ImageTooCostly, ImageTooLarge
from infra.images.formats.decoders import decode_here
from infra.images.formats.limits import FULL, QUICK, Effort, ImageLimits, NeedsKernels, TakesLonger
from infra.images.guard.guard import Guard, Spent
from tests.support.lossless_jpeg_files import lossless_jpeg
from tests.support.mutations import sound
from tests.support.wsq_files import wsq
from tests.unit.infra.images.guard.processes import LIMITS, descendants, workers

ROOT = Path(__file__).parents[5]
COMPILED_IN_A_WORKER = """
import numpy as np
from infra.images.guard.compiled_fork_server import load_kernels
load_kernels()
from infra.images.formats.decoders import decode_here
from infra.images.jpeg.scan import decode_scan
from infra.images.wsq.entropy import decode_block
from infra.images.wsq.synthesis import join, to_gray
from tests.support.lossless_jpeg_files import lossless_jpeg
from tests.support.wsq_files import wsq
kernels = decode_scan, decode_block, join, to_gray
before = [list(each.signatures) for each in kernels]
tray = np.frombuffer(bytearray(4096), np.uint8)
image = np.arange(64 * 64).reshape(64, 64).astype(np.uint8)
for data in (wsq(image), wsq(image, "6 and 2"), lossless_jpeg(image)):
    decode_here(data, sink=lambda shape: tray[: 64 * 64].reshape(shape))
assert before == [list(each.signatures) for each in kernels]
assert all(before)
"""


@pytest.fixture
def spent() -> list[Spent]:
    """Resources that the files used."""
    return []


@pytest.fixture
def own(spent: list[Spent]) -> Iterator[Guard]:
    """A guard with its own processes."""
    own = Guard(spent.append)
    yield own
    own.close()


def test_files_go_to_the_workers_that_can_decode_them(own: Guard, ridges: NDArray[np.uint8]) -> None:
    """A PNG is decoded by the one kind of worker, a WSQ and a lossless JPEG by the other."""
    own.decode(sound("PNG"), LIMITS, FULL)
    assert own._compiled._spawner._fork_server is None
    for data in (wsq(ridges), lossless_jpeg(ridges)):
        pixels, _ = own.decode(data, LIMITS, FULL)
        assert np.array_equal(decode_here(data)[0], pixels)
    fork_server = own._compiled._spawner._fork_server
    assert fork_server
    assert (1, 1) == (len(workers(own)), len(descendants(fork_server.pid)))


def test_a_worker_without_kernels_decodes_none(ridges: NDArray[np.uint8]) -> None:
    """It says so before it does anything."""
    with pytest.raises(NeedsKernels):
        decode_here(wsq(ridges), has_kernels=False)


def test_a_worker_never_compiles() -> None:
    """All kernels are there, for the types of arguments that files have, before the first file."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "gen")))}
    subprocess.run([sys.executable, "-c", COMPILED_IN_A_WORKER], cwd=ROOT, env=environment, check=True, timeout=300)


def test_a_large_print_within_the_limits(own: Guard, spent: list[Spent]) -> None:
    """A palm at 1000 dots per inch takes at most 0.9 s of CPU and 256 MiB; quick decoders leave it to slow ones."""
    data = wsq(np.zeros((5000, 4000), np.uint8))
    pixels, _ = own.decode(data, LIMITS, FULL)
    assert (5000, 4000) == pixels.shape
    assert 256 * 2**20 >= max(each.peak_bytes for each in spent)
    with pytest.raises(TakesLonger):
        own.decode(data, LIMITS, QUICK)


def test_more_than_fits_is_refused_by_its_header(own: Guard, spent: list[Spent]) -> None:
    """The memory is estimated before anything is allocated."""
    for data, error, cost in (
        (huge(9000, 6000), ImageTooCostly, Effort()),
        (huge(65535, 65535), ImageTooLarge, Effort()),
    ):
        with pytest.raises(error):
            own.decode(data, ImageLimits(), cost)
    assert 110 * 2**20 > max(each.peak_bytes for each in spent)


def huge(width: int, height: int) -> bytes:
    """A small file whose header states this size."""
    whole = wsq(np.zeros((32, 32), np.uint8))
    at = whole.index(b"\xff\xa2") + 6
    return whole[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + whole[at + 4 :]
