"""Decoding images of many callers in two lanes."""

from __future__ import annotations

import asyncio
import gc

import numpy as np
import pytest

from biometrics.errors import DeadlineExpired, ImageTooCostly, Overloaded
from infra.deadlines import Deadline, current_deadline
from infra.images.decode import Image
from infra.images.formats.limits import ImageLimits
from infra.images.guard.lanes import Lanes
from infra.images.guard.room import Room
from tests.support.hostile_files.bombs import BOMBS
from tests.support.made_files import png
from tests.support.mutations import sound


async def test_ordinary_images_do_not_wait_for_hostile_ones() -> None:
    """While four hostile files are decoded, ordinary images are decoded; in the end the hostile ones are refused."""
    lanes = Lanes(2, 100, ImageLimits())
    data = BOMBS["ppm_plain"]()
    bombs = [asyncio.create_task(lanes.decode(data)) for _ in range(4)]
    for _ in range(20):
        assert (64, 64, 3) == (await lanes.decode(sound("PNG"))).pixels.shape
    assert not all(bomb.done() for bomb in bombs)
    for bomb in bombs:
        with pytest.raises(ImageTooCostly):
            await bomb


async def test_large_images_are_decoded_in_the_slow_lane() -> None:
    """An image too large for the quick lane is decoded in the slow one."""
    lanes = Lanes(1, 100, ImageLimits())
    assert (3300, 4000) == (await lanes.decode(png(4000, 3300, 0))).pixels.shape


async def test_encoded_bytes_in_progress_are_limited() -> None:
    """As many bytes as eight of the largest images are accepted, then others are refused until some are done."""
    lanes = Lanes(1, 100, ImageLimits(max_bytes=1000))
    with lanes.in_hand(bytes(7500)):
        with lanes.in_hand(bytes(500)), pytest.raises(Overloaded), lanes.in_hand(b"1"):
            pass
        with lanes.in_hand(bytes(400)):
            pass


async def test_waiting_pixels_are_limited() -> None:
    """An image enters when earlier ones have left room; a waiting one fails when its deadline passes."""
    room = Room(1000)
    first, second = (Image(np.zeros((20, 40), np.uint8)) for _ in range(2))
    room.enter(first)
    token = current_deadline.set(Deadline.after(0))
    with pytest.raises(DeadlineExpired):
        room.enter(second)
    current_deadline.reset(token)
    entering = asyncio.create_task(asyncio.to_thread(room.enter, second))
    del first
    gc.collect()
    await entering


async def test_a_single_image_may_exceed_the_memory() -> None:
    """It enters if there is no other image."""
    Room(10).enter(Image(np.zeros((20, 40), np.uint8)))
