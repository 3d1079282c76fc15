"""Decodes files in worker processes from the service's side: sends, waits while the answer is wanted, kills.

No code in a service process parses a file that a caller sent: `worker.py` does, in a process of its own, which the
kernel kills when its CPU time is used up (`caps.py`) and which is killed when the answer is no longer wanted.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import (
    DeadlineExpired,
    ImageTooCostly,
    ImageTooLarge,
    ImageTooSmall,
    ImageUndecodable,
    ImageUnsupported,
    ServiceUnavailable,
)
from infra.deadlines import current_deadline
from infra.images.formats.facts import Facts
from infra.images.formats.limits import Effort, ImageLimits, NeedsKernels, TakesLonger, over_time
from infra.images.guard.caps import OUT_OF_TIME
from infra.images.guard.messages import Message, memory_of, pixels_in, receive, send
from infra.images.guard.pool import COMPILED_FORK_SERVER, FORK_SERVER, Pool
from infra.images.guard.spawning import Spawned

POLL_S = 0.05
"""Interval of the checks whether the answer is still wanted, in seconds."""

GRACE_S = 0.5
"""CPU seconds beyond its limit after which a worker is killed from here, in case the kernel did not."""

SILENCE_S = 2.0
"""How long the fork server may take to report how a worker ended, in seconds; a server that hangs never does."""

TRIES = 3
TOLD = {
    each.__name__: each for each in (ImageTooCostly, ImageTooLarge, ImageTooSmall, ImageUndecodable, ImageUnsupported)
}
"""Errors that a worker may report, by name."""

Decoded = tuple[NDArray[np.uint8], Facts]


@dataclass(frozen=True, slots=True)
class Spent:
    """Resources that decoding a file used.

    Args:
        cpu_s: seconds of CPU.
        peak_bytes: peak memory of the worker so far, pages shared with other processes included.
    """

    cpu_s: float
    peak_bytes: int


class Guard:
    """Decodes files in worker processes. Thread-safe; the calling thread blocks until its file is decoded.

    Processes are started with the first file, or by `warm`. Each call takes an idle worker, or a new one. Files whose
    decoders are compiled go to workers of their own: these hold 60 MB more, and few files need them.

    Args:
        report: called with what each file used.
    """

    def __init__(self, report: Callable[[Spent], None] = lambda _: None) -> None:
        self._report = report
        self._plain, self._compiled = Pool(FORK_SERVER), Pool(COMPILED_FORK_SERVER)

    def decode(self, data: bytes, limits: ImageLimits, effort: Effort) -> Decoded:
        """Decode one file, under the current deadline: once that has passed, the worker is killed.

        Args:
            data: the file.
            limits: size limits of the image.
            effort: CPU time and memory of its decoding.

        Raises:
            InvalidInput: as `infra.images.decode.decode`; ImageTooCostly if it exceeds the effort.
            TakesLonger: it exceeds an effort with `max_pixels`, and may be tried with a larger one.
            DeadlineExpired: the deadline has passed or the caller has gone.
            ServiceUnavailable: no worker can be started, or they keep being killed from outside.
        """
        try:
            return self._decoded(self._plain, data, limits, effort)
        except NeedsKernels:
            return self._decoded(self._compiled, data, limits, effort)

    def warm(self) -> None:
        """Start the processes without waiting for them."""
        self._plain.warm()
        self._compiled.warm()

    def close(self) -> None:
        """End all processes. A later call starts new ones."""
        self._plain.close()
        self._compiled.close()

    def _decoded(self, pool: Pool, data: bytes, limits: ImageLimits, effort: Effort) -> Decoded:
        for _ in range(TRIES):
            worker = pool.take()
            try:
                answer, descriptors = self._ask(worker, data, limits, effort, has_kernels=pool is self._compiled)
            except ConnectionError:
                worker.kill()
                continue
            if answer.get("ended_by") in (signal.SIGKILL, signal.SIGTERM):  # from outside
                worker.kill()
                continue
            return self._result(pool, worker, answer, descriptors, effort)
        raise ServiceUnavailable("Images cannot be decoded now: the decoders keep being killed. Try again in a moment.")

    def _ask(
        self, worker: Spawned, data: bytes, limits: ImageLimits, effort: Effort, *, has_kernels: bool
    ) -> tuple[Message, list[int]]:
        job = {"limits": asdict(limits), "effort": asdict(effort), "has_kernels": has_kernels}
        began, deadline = worker.processor_s(), current_deadline.get()
        memory = memory_of(data)
        try:
            send(worker.channel, job, [memory])
        finally:
            os.close(memory)
        worker.channel.settimeout(POLL_S)
        silences = 0
        while True:
            try:
                answer, descriptors = receive(worker.channel)
            except TimeoutError:
                is_late = worker.processor_s() - began > effort.cpu_s + GRACE_S
                silences += worker.has_ended
            else:
                self._report(Spent(answer["cpu_s"] - began, answer["peak_bytes"]))
                return answer, descriptors
            if is_late or deadline.has_passed:
                worker.kill()
                raise over_time() if is_late else DeadlineExpired("The time for this call is used up.")
            if silences * POLL_S > SILENCE_S:
                raise ConnectionError

    def _result(self, pool: Pool, worker: Spawned, answer: Message, descriptors: list[int], effort: Effort) -> Decoded:
        try:
            if "shape" in answer:
                return _pixels(worker, descriptors, tuple(answer["shape"])), Facts(**answer["facts"])
        finally:
            for each in descriptors:
                os.close(each)
            pool.put_back(worker, is_last=answer.get("is_last", True))
        if "takes_longer" in answer:
            raise TakesLonger
        if "needs_kernels" in answer:
            raise NeedsKernels
        if answer.get("ended_by") == OUT_OF_TIME:
            raise over_time() if effort.max_pixels is None else TakesLonger(effort.cpu_s)
        if "ended_by" in answer:
            raise ImageUndecodable("The image makes its decoder fail: it is damaged. Encode it again and send that.")
        raise TOLD[answer["error"]](answer["message"], reason=answer["reason"], **answer["metadata"])


def _pixels(worker: Spawned, descriptors: list[int], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if descriptors:
        return pixels_in(descriptors[0], shape)
    pixels = worker.tray[: prod(shape)].reshape(shape).copy()
    pixels.setflags(write=False)
    return pixels


def guard() -> Guard:
    """The guard of this process; a forked child gets its own."""
    return _guard_of(os.getpid())


@cache
def _guard_of(_pid: int) -> Guard:
    made = Guard()
    atexit.register(made.close)
    return made
