"""Encodes a rubber sheet as phase bits, with the ONNX graph of `infra/models/hardening/iris_phase.py`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.models.onnx_model import OnnxModel
from services.iris.segmentation.circles import Floats
from services.iris.template.features import IrisCode, from_bits

MIN_SUPPORT = 0.7  # least visible share of a filter's envelope
FRAGILE_SHARE = 0.2  # share of a channel's supported bits, the weakest, that is masked


def encode(encoder: OnnxModel, values: Floats, visible: NDArray[np.bool_]) -> IrisCode:
    """Encode one sheet.

    A bit is the sign of a response. It is valid if enough of the filter is visible and the response is not among the
    weakest of its channel, whose signs change easily (fragile bits, Hollingsworth et al. 2009).

    Args:
        encoder: the model `iris-phase`.
        values: float32 (64, 512), grey levels.
        visible: bool (64, 512).
    """
    responses, support = encoder.run(sheet=values[None], visible=visible.astype(np.float32)[None])
    supported = np.repeat(support[0] >= MIN_SUPPORT, 2, axis=0)
    return from_bits(responses[0] > 0, supported & _firm(np.abs(responses[0]), supported))


def _firm(strength: Floats, supported: NDArray[np.bool_]) -> NDArray[np.bool_]:
    limits = [_weakest(channel[shown]) for channel, shown in zip(strength, supported, strict=True)]
    return np.asarray(strength >= np.array(limits, np.float32)[:, None, None])


def _weakest(strength: Floats) -> float:
    """Return the FRAGILE_SHARE quantile of the strengths; infinite without any."""
    rank = int(FRAGILE_SHARE * strength.size)
    return float(np.partition(strength, rank)[rank]) if strength.size else np.inf
