"""Rendered samples on disk: shards of 1,000, made by worker processes and kept for the next run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.iris.samples import sample

SHARD = 1000


@dataclass(frozen=True, slots=True)
class Rendered:
    """Rendered samples as arrays.

    Args:
        images: uint8 (samples, 128, 160).
        targets: uint8 (samples, 128, 160); bit k is target k of `samples.TARGETS`.
    """

    images: NDArray[np.uint8] = field(repr=False)
    targets: NDArray[np.uint8] = field(repr=False)

    def __len__(self) -> int:
        return len(self.images)

    def __add__(self, other: Rendered) -> Rendered:
        images, targets = ((self.images, other.images), (self.targets, other.targets))
        return Rendered(np.concatenate(images), np.concatenate(targets))


def rendered(
    folder: Path, first: int, count: int, workers: int, tell: Callable[[str], None], *, wide: bool, shard: int = SHARD
) -> Rendered:
    """Render the samples that are not in the folder yet, and return all of them.

    Args:
        folder: folder of the shards.
        first: seed of the first sample.
        count: number of samples, a multiple of `shard`.
        workers: number of processes.
        tell: called with a line per shard.
        wide: see `samples.sample`.
        shard: samples per file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(first, first + count, shard)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for path in pool.map(partial(_shard, folder, size=shard, wide=wide), starts):
            tell(f"rendered {path.name}")
    shards = [np.load(_path(folder, start, wide=wide)) for start in starts]
    return Rendered(*(np.concatenate([shard[name] for shard in shards]) for name in ("images", "targets")))


def _path(folder: Path, start: int, *, wide: bool) -> Path:
    return folder / f"{'wide-' if wide else ''}eyes-{start:06d}.npz"


def _shard(folder: Path, start: int, *, size: int, wide: bool) -> Path:
    path = _path(folder, start, wide=wide)
    if not path.exists():
        cv2.setNumThreads(1)
        samples = [sample(seed, wide=wide) for seed in range(start, start + size)]
        targets = np.packbits(np.stack([s.targets for s in samples]), axis=1, bitorder="little")[:, 0]
        unfinished = path.with_suffix(".part.npz")
        np.savez_compressed(unfinished, images=np.stack([s.image for s in samples]), targets=targets)
        unfinished.replace(path)
    return path
