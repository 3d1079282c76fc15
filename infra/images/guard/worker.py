"""A worker process: decodes one file after another, and ends when it has grown or has decoded `FILES` of them.

Only pixels, facts and error texts leave the process: not even a traceback.
"""

from __future__ import annotations

import os
import resource
import socket
from contextlib import suppress
from dataclasses import asdict
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from infra.images.formats.decoders import decode_here
from infra.images.formats.limits import Effort, ImageLimits, NeedsKernels, TakesLonger, over_memory
from infra.images.guard.caps import allow_more, held_to, resident, used
from infra.images.guard.messages import Message, array_over, content, new_memory, receive, send

FILES = 64
GROWTH_BYTES = 16 * 2**20


def serve(channel: socket.socket, tray: NDArray[np.uint8]) -> None:
    """Decode files until the service closes the channel; pixels go into the tray if they fit, else into new memory."""
    before = resident()
    for number in range(1, FILES + 1):
        try:
            job, (descriptor,) = receive(channel)
        except ConnectionError:
            return
        data = content(descriptor)
        os.close(descriptor)
        answer, pixels = _answer(job, data, tray)
        is_last = bool(job["effort"]["niceness"]) or number == FILES or resident() > before + GROWTH_BYTES
        with suppress(ConnectionError):  # the service has closed the channel
            send(channel, {**answer, **used(resource.getrusage(resource.RUSAGE_SELF)), "is_last": is_last}, pixels)
        for each in pixels:
            os.close(each)
        if is_last:
            return


def _answer(job: Message, data: bytes, tray: NDArray[np.uint8]) -> tuple[Message, list[int]]:
    limits, effort = ImageLimits(**job["limits"]), Effort(**job["effort"])
    made: list[int] = []

    def sink(shape: tuple[int, ...]) -> NDArray[np.uint8]:
        size = prod(shape)
        if size <= tray.size:
            return tray[:size].reshape(shape)
        allow_more(size)
        made.append(new_memory(size))
        return array_over(made[0]).reshape(shape)

    if effort.niceness:
        os.nice(effort.niceness)
    try:
        with held_to(effort):
            pixels, facts = decode_here(data, limits, effort, sink, has_kernels=job["has_kernels"])
        return {"shape": pixels.shape, "facts": asdict(facts)}, made
    except TakesLonger:
        return {"takes_longer": True}, []
    except NeedsKernels:
        return {"needs_kernels": True}, []
    except BiofusionError as error:
        return _told(error), []
    except MemoryError:
        return _told(over_memory(effort)), []


def _told(error: BiofusionError) -> Message:
    told: dict[str, Any] = {"message": error.message, "reason": error.reason, "metadata": error.metadata}
    return {"error": type(error).__name__, **told}
