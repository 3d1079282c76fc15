"""Masked Hamming distances over 17 rotations: our kernel against numpy's bit count."""

from __future__ import annotations

import numpy as np

from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from biometrics.template import Modality, Template
from services.iris.comparator import IrisComparator
from services.iris.template.features import COLUMNS, IrisCode, pack

COUNT = 2000


def measure() -> Row:
    """One probe against 2,000 codes of 16,384 bits."""
    rng = np.random.default_rng(0)
    words = rng.integers(0, 2**63, (COUNT, 2, COLUMNS), np.int64).astype(np.uint64)
    codes = [IrisCode(code & mask, mask) for code, mask in words]
    comparator = IrisComparator()
    templates = [Template(Modality.IRIS, comparator.model_id, pack(code)) for code in codes]
    probe, stack = comparator.stack(templates[:1]), comparator.stack(templates)
    code = np.stack([each.code for each in codes])
    mask = np.stack([each.mask for each in codes])
    limit = 1000 * (code.nbytes + mask.nbytes) / read_bytes_per_s()
    return compare(
        f"iris, 1 × {COUNT} full comparisons",
        lambda: comparator.compare(probe, stack),
        "numpy bitwise_count",
        lambda: _with_numpy(codes[0], code, mask),
        (limit, "reading codes and masks once"),
    )


def _with_numpy(probe: IrisCode, code: np.ndarray, mask: np.ndarray) -> np.ndarray:
    best = np.ones(len(code))
    for shift in range(-8, 9):
        both = mask & np.roll(probe.mask, shift)
        differing = np.bitwise_count((code ^ np.roll(probe.code, shift)) & both).sum(axis=1, dtype=np.int64)
        best = np.minimum(best, differing / np.bitwise_count(both).sum(axis=1, dtype=np.int64))
    return best
