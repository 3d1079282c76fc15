"""Extracting every image of images.csv into a template or a reason for failure."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from biometrics.errors import AcquisitionFailed, FieldInvalid, InvalidInput
from evaluation.data.file_faults import why
from evaluation.data.images_csv import ImageRow
from evaluation.protocol.template_cache import Sample, TemplateCache
from infra.images.decode import decode
from services.extraction import Extractor

Counter = Callable[[int, int], None]


def extract_set(
    images: Sequence[ImageRow], extractor: Extractor[Any], cache_path: Path, workers: int, progress: Counter
) -> list[Sample]:
    """Extract every image that the cache does not have yet, `workers` at a time.

    An image's key is its name, content, position, resolution and the extractor's model. Images
    that cannot be decoded or hold nothing usable become samples with a failure; other errors end the run,
    and the samples extracted until then stay in the cache.

    Returns:
        One sample per image, in order.

    Raises:
        FieldInvalid: an image file cannot be read.
        ConfigurationInvalid: the cache cannot be used.
    """
    with TemplateCache(cache_path) as cache:
        keys = [_key(row, extractor.model_id) for row in images]
        todo = [number for number, key in enumerate(keys) if cache.get(key) is None]
        done = len(images) - len(todo)
        progress(done, len(images))
        executor = ThreadPoolExecutor(max(1, workers))
        try:
            running = {executor.submit(_extract, images[number], extractor): keys[number] for number in todo}
            for future in as_completed(running):
                cache.put(running[future], future.result())
                done += 1
                progress(done, len(images))
        finally:
            executor.shutdown(cancel_futures=True)
        return [sample for key in keys if (sample := cache.get(key))]


def _key(row: ImageRow, model_id: str) -> str:
    try:
        content = hashlib.sha256(row.path.read_bytes()).hexdigest()
    except OSError as error:
        raise FieldInvalid("images.csv, path", f"{row.name} cannot be read ({why(error)}).") from error
    return "|".join((model_id, content, str(row.resolution_dpi), row.position, row.name))


def _extract(row: ImageRow, extractor: Extractor[Any]) -> Sample:
    start = time.perf_counter()
    try:
        image = decode(row.path.read_bytes()).stated(row.resolution_dpi)
        extraction = extractor.extract(image, row.position)
    except (AcquisitionFailed, InvalidInput) as error:
        return Sample(b"", 0.0, error.reason, time.perf_counter() - start)
    return Sample(extraction.template.data, extraction.quality.value, "", time.perf_counter() - start)
