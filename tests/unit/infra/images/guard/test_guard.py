"""The decoder processes: how they end, are replaced, and what they know of the service."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from biometrics.errors import DeadlineExpired, ImageTooCostly
from infra.deadlines import NEVER, Deadline, current_deadline
from infra.images.decode import decode
from infra.images.formats.limits import FULL, QUICK, TakesLonger
from infra.images.guard.guard import Guard
from tests.support.hostile_files.bombs import BOMBS
from tests.support.made_files import png
from tests.support.mutations import sound
from tests.unit.infra.images.guard.processes import ENDLESS, LIMITS, wait_for_the_end, workers


@pytest.fixture
def own() -> Iterator[Guard]:
    """A guard with its own processes."""
    own = Guard()
    yield own
    own.close()


def test_one_process_decodes_many_files(own: Guard) -> None:
    """A worker is reused, and ends after a number of files."""
    own.decode(sound("PNG"), LIMITS, FULL)
    first = workers(own)
    own.decode(sound("JPEG"), LIMITS, FULL)
    assert first == workers(own)
    for _ in range(64):
        own.decode(sound("PNG"), LIMITS, FULL)
    wait_for_the_end(first)
    assert 1 == len(workers(own))


def test_a_worker_that_has_grown_ends(own: Guard) -> None:
    """After 39 million pixels a worker holds hardly more memory than before, or has ended."""
    own.decode(png(8000, 4900, 2), LIMITS, FULL)
    for pid in workers(own):
        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
        assert resident < 64 * 2**20


def test_a_worker_ends_at_the_calls_deadline(own: Guard) -> None:
    """It is killed when the call's deadline has passed, whatever its own limit."""
    own.decode(sound("PNG"), LIMITS, FULL)
    before = workers(own)
    token = current_deadline.set(Deadline.after(0.1))
    with pytest.raises(DeadlineExpired):
        own.decode(BOMBS["ppm_plain"](), LIMITS, ENDLESS)
    current_deadline.reset(token)
    wait_for_the_end(before)
    assert (64, 64, 3) == own.decode(sound("PNG"), LIMITS, FULL)[0].shape


def test_an_image_over_the_quick_effort_may_be_tried_again(own: Guard) -> None:
    """In the quick lane, neither size nor time is an error yet."""
    for data in (png(4000, 3300, 0), BOMBS["ppm_plain"]()):
        with pytest.raises(TakesLonger):
            own.decode(data, LIMITS, QUICK)


def test_two_bombs_at_once_and_others_beside_them(own: Guard) -> None:
    """Ordinary files are decoded while hostile ones are in progress."""
    begun = Event()

    def bomb() -> None:
        begun.set()
        with pytest.raises(ImageTooCostly):
            own.decode(BOMBS["ppm_plain"](), LIMITS, FULL)

    with ThreadPoolExecutor() as pool:
        bombs = [pool.submit(bomb), pool.submit(bomb)]
        begun.wait()
        shapes = [own.decode(sound(name), LIMITS, FULL)[0].shape[:2] for name in ("PNG", "JPEG", "BMP")]
        assert [(64, 64)] * 3 == shapes
        for each in bombs:
            each.result()


def test_many_threads() -> None:
    """Each caller gets the pixels of its own file."""
    files = [png(32 + n, 40, 0) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert [(40, 32 + n) for n in range(24)] == [image.pixels.shape for image in pool.map(decode, files)]


def test_pixels_outlive_the_worker(own: Guard) -> None:
    """Pixels do not change when more files are decoded and the processes have ended; they are read-only."""
    pixels, _ = own.decode(sound("BMP"), LIMITS, FULL)
    before = pixels.copy()
    own.decode(sound("PNG"), LIMITS, FULL)
    own.close()
    assert np.array_equal(before, pixels)
    assert not pixels.flags.writeable


def test_no_deadline_by_default() -> None:
    """Outside a call the wait is not limited."""
    assert NEVER == current_deadline.get()
