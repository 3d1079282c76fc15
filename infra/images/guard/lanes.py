"""Decodes the images of many callers in two lanes, quick and slow, within a bound of memory.

Nearly every image takes a few milliseconds. One that needs more than `QUICK` is started again in the slow lane, which
has its own threads and a lower priority than all other work: callers with slow files only delay each other.
"""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from biometrics.errors import Overloaded
from infra.images.decode import Image, decode
from infra.images.formats.limits import QUICK, SLOW, Effort, ImageLimits, TakesLonger
from infra.images.guard.give_back import give_back
from infra.images.guard.guard import guard
from infra.images.guard.room import Room
from infra.workers import Workers

MOST_AT_ONCE = 4
"""Most decoders of a lane: each may take 256 MiB."""

PIXEL_BYTES = 256 * 2**20
LARGEST_IMAGES = 8
LARGE_BYTES = 1 * 2**20
GIVE_BACK_S = 2.0
"""Delay after a large image until memory is returned to the system, in seconds; repeated while large ones are there."""


class Lanes:
    """Decodes images for an event loop.

    Args:
        count: decoders of the quick lane; the slow one has half as many.
        max_pending: images that may wait in a lane before new ones are refused.
        limits: of an image; all encoded images in progress together have at most 8 times `max_bytes`.
    """

    def __init__(self, count: int, max_pending: int, limits: ImageLimits) -> None:
        count = min(count, MOST_AT_ONCE)
        self._quick, self._slow = Workers(count, max_pending), Workers(max(1, count // 2), max_pending)
        self._limits = limits
        self._most_bytes = LARGEST_IMAGES * limits.max_bytes
        self._bytes = 0
        self._room = Room(PIXEL_BYTES)
        self._will_give_back = False
        guard().warm()

    @contextmanager
    def in_hand(self, data: bytes) -> Iterator[None]:
        """Count the bytes of an encoded image while it is in progress.

        Raises:
            Overloaded: too many bytes are in progress.
        """
        if len(data) >= LARGE_BYTES and not self._will_give_back:
            self._give_back_later()
        if self._bytes and self._bytes + len(data) > self._most_bytes:
            raise Overloaded(
                "Too many bytes of images are in progress. Try again in a moment.", limit=str(self._most_bytes)
            )
        self._bytes += len(data)
        try:
            yield
        finally:
            self._bytes -= len(data)

    async def decode(self, data: bytes) -> Image:
        """Decode one image in another process. Raises as `infra.images.decode.decode`, and Overloaded."""
        try:
            return await self._quick.run(self._decode, data, QUICK)
        except TakesLonger as longer:
            left = replace(SLOW, cpu_s=SLOW.cpu_s - longer.spent_s)
        return await self._slow.run(self._decode, data, left)

    def _give_back_later(self) -> None:
        self._will_give_back = True
        get_running_loop().call_later(GIVE_BACK_S, self._give_back)

    def _give_back(self) -> None:
        if self._bytes >= LARGE_BYTES:  # large images are still there
            self._give_back_later()
            return
        self._will_give_back = False
        get_running_loop().run_in_executor(None, give_back)

    def _decode(self, data: bytes, effort: Effort) -> Image:
        image = decode(data, self._limits, effort)
        self._room.enter(image)
        return image
