"""What a comparison of two iris codes found, as it is shown: which bits were compared, and which of them differ."""

from __future__ import annotations

from math import log

import numpy as np

from biometrics.explanation import Explained, IrisFindings
from biometrics.rasters import one_bit_png
from infra.kernels.kernel import kernel
from services.iris.comparison.best_rotation import COARSE, WIDE, best_evidence, counts_at
from services.iris.comparison.rotations import LOG_TURN, REACH
from services.iris.template.features import BITS, CHANNELS, COLUMNS, ROWS, Words


def explained(codes: Words, masks: Words) -> Explained:
    """The score of a probe and a reference, uint64 (2, 256) each, with what it is made of."""
    found, turn, differing, compared = _compared(codes, masks)
    own = WIDE[REACH + turn :][:COLUMNS]  # columns of the probe, as they lie over those of the reference
    mask = masks[0][own]
    common = mask & masks[1]
    findings = IrisFindings(
        probe_mask_png=_png(mask),
        reference_mask_png=_png(masks[1]),
        compared_png=_png(common),
        differing_png=_png((codes[0][own] ^ codes[1]) & common),
        compared_count=compared,
        differing_count=differing,
        compared_fraction=compared / BITS,
        differing_fraction=differing / max(1, compared),
        rotation_degrees=360.0 * turn / COLUMNS,
    )
    of_turn = float(LOG_TURN[turn + REACH]) / log(10.0)
    terms = (("bits", found - of_turn), ("rotation", of_turn))
    return Explained(float(np.float32(found)), terms, findings)


@kernel
def _compared(codes: Words, masks: Words) -> tuple[float, int, int, int]:  # pragma: no cover  # compiled
    """The highest evidence, its rotation in columns, and the differing and compared bits there."""
    wide_code, wide_mask = codes[0][WIDE], masks[0][WIDE]
    found, turn = best_evidence(wide_code, wide_mask, codes[1], masks[1], np.empty(COARSE, np.float64))
    differing, compared = counts_at(wide_code, wide_mask, codes[1], masks[1], turn)
    return found, turn, differing, compared


def _png(words: Words) -> bytes:
    """Bits of columns as a picture, 64 × 256 px: four bits of each ring below each other, the pupil's ring on top."""
    by_column = np.unpackbits(words.astype("<u8").view(np.uint8).reshape(COLUMNS, -1), axis=1, bitorder="little")
    return one_bit_png(by_column[:, : ROWS * CHANNELS].T.astype(np.bool_))
