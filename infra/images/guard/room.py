"""Bounds the memory of decoded images that wait for extraction."""

from __future__ import annotations

import weakref
from threading import Condition

from infra.deadlines import current_deadline
from infra.images.decode import Image
from infra.images.guard.guard import POLL_S


class Room:
    """Bounds the memory of decoded images that wait for extraction. Thread-safe.

    Args:
        size: bytes; a single image may be larger.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._changed = Condition()  # its lock is reentrant: an image may be freed while another enters

    def enter(self, image: Image) -> None:
        """Wait until there is room; the image holds it until it is freed.

        Raises:
            DeadlineExpired: the deadline has passed or the caller has gone.
        """
        size = image.pixels.nbytes
        with self._changed:
            while self._taken and self._taken + size > self._size:
                current_deadline.get().check()
                self._changed.wait(POLL_S)
            self._taken += size
        weakref.finalize(image.pixels, self._leave, size).atexit = False

    def _leave(self, size: int) -> None:
        with self._changed:
            self._taken -= size
            self._changed.notify_all()
