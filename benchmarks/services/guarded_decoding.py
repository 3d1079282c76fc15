"""The cost of decoding images in a separate process: extractions with and without it.

CPU time is measured, the decoder process's included, because CPU is what a busy machine is short of.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from statistics import median, quantiles

from PIL import Image as Pillow

from benchmarks.harness import ROUNDS, Row
from biometrics.template import Position
from infra.images.decode import Image
from infra.images.formats.decoders import decode_here
from infra.images.formats.limits import FULL, ImageLimits
from infra.images.guard.guard import Guard, Spent
from infra.models.model_cache import asset
from rendering.eyes import render_eye
from services.extraction import Extractor
from services.face.extractor import FaceExtractor
from services.iris.extractor import IrisExtractor

REPEATS = 10


def measure() -> Row:
    """An eye of 640×480 px, whose extraction is the shortest, and a portrait of 512×600 px."""
    file = io.BytesIO()
    Pillow.fromarray(render_eye(0, 0)).save(file, "PNG")
    files = file.getvalue(), asset("portrait-hopper")
    parts: tuple[Extractor[object], ...] = IrisExtractor.load(), FaceExtractor.load()
    spent: list[Spent] = []
    guard = Guard(spent.append)
    decoded = {data: Image(decode_here(data)[0]) for data in files}

    def cpu_ms(read: Callable[[bytes], Image]) -> float:
        spent.clear()
        begin = time.process_time()
        for _ in range(REPEATS):
            for extractor, data in zip(parts, files, strict=True):
                extractor.extract(read(data), Position.UNKNOWN)
        return 1000 * (time.process_time() - begin + sum(each.cpu_s for each in spent))

    ways: tuple[Callable[[bytes], Image], ...] = (
        lambda data: Image(guard.decode(data, ImageLimits(), FULL)[0]),
        lambda data: Image(decode_here(data)[0]),
        decoded.__getitem__,
    )
    rounds = [[cpu_ms(way) for way in ways] for _ in range(1 + ROUNDS)][1:]
    guard.close()
    ours, reference, limit = (median(each[n] for each in rounds) for n in range(3))
    ratios = [here / apart for apart, here, _ in rounds]
    low, _, high = quantiles(ratios, n=4)
    what = f"an eye and a face decoded in another process and extracted, {REPEATS} times, CPU"
    ends = (low, high), len(rounds), limit, "extraction from pixels"
    return Row(what, ours, "decoded in this process", reference, median(ratios), *ends)
