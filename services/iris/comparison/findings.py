"""What a comparison of two iris codes found, as it is shown: which bits were compared, and which of them differ."""

from __future__ import annotations

from math import log

import numpy as np

from biometrics.explanation import Explained, IrisFindings
from biometrics.rasters import one_bit_png
from infra.kernels.kernel import kernel
from services.iris.comparison.best_rotation import WIDE, best_evidence, scratch
from services.iris.comparison.moved_sectors import Moves, laid, moved_counts
from services.iris.comparison.rotations import LOG_TURN, REACH
from services.iris.template.features import BITS, CHANNELS, COLUMNS, ROWS, Words


def explained(codes: Words, masks: Words) -> Explained:
    """The score of a probe and a reference, uint64 (2, 256) each, with what it is made of."""
    found, turn, moves = _compared(codes, masks)
    probe, reference = laid(codes, turn, moves)
    probe_mask, reference_mask = laid(masks, turn, moves)
    common = probe_mask & reference_mask
    unlike = (probe ^ reference) & common
    compared, differing = (int(np.bitwise_count(words).sum()) for words in (common, unlike))
    findings = IrisFindings(
        probe_mask_png=_png(probe_mask),
        reference_mask_png=_png(reference_mask),
        compared_png=_png(common),
        differing_png=_png(unlike),
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
def _compared(codes: Words, masks: Words) -> tuple[float, int, Moves]:  # pragma: no cover  # compiled
    """The highest evidence, its rotation in columns, and the move of each sector."""
    wide_code, wide_mask, memory = codes[0][WIDE], masks[0][WIDE], scratch()
    found, turn, moved = best_evidence(wide_code, wide_mask, codes[1], masks[1], memory)
    moves = memory[1]
    moves[:] = 0
    if moved:
        moved_counts(wide_code, wide_mask, codes[1], masks[1], turn, moves)
    return found, turn, moves


def _png(words: Words) -> bytes:
    """Bits of columns as a picture, 64 × 256 px: four bits of each ring below each other, the pupil's ring on top."""
    by_column = np.unpackbits(words.astype("<u8").view(np.uint8).reshape(COLUMNS, -1), axis=1, bitorder="little")
    return one_bit_png(by_column[:, : ROWS * CHANNELS].T.astype(np.bool_))
