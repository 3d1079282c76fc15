"""How the LLR depends on the quality of the probe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biometrics.calibration.curves import Floats, through_knots


@dataclass(frozen=True, slots=True)
class QualityEffect:
    """How the LLR depends on the probe's quality q: alpha(q) + beta(q) · LLR.

    alpha and beta are linear between the nodes and constant outside them.

    Args:
        nodes: qualities 0–100, strictly ascending, at least one.
        alpha: log10 LR added at each node.
        beta: factor at each node, above 0, so that the LLR still rises with the score.
    """

    nodes: tuple[float, ...]
    alpha: tuple[float, ...]
    beta: tuple[float, ...]

    @property
    def fault(self) -> str:
        """Name what is wrong with the values, or "" if nothing is."""
        sizes = {len(self.nodes), len(self.alpha), len(self.beta)}
        if sizes == {0} or len(sizes) > 1 or not np.isfinite([self.nodes, self.alpha, self.beta]).all():
            return "its quality nodes are missing or not finite"
        steady = (np.diff(self.nodes) > 0.0).all() and min(self.beta) > 0.0
        return "" if steady else "its quality nodes do not ascend, or a factor is not above 0"

    def applied(self, llr: Floats, quality: Floats) -> Floats:
        """Return the LLRs at these qualities, the two shapes broadcast; unchanged where the quality is NaN."""
        alpha, beta = (through_knots(self.nodes, each, quality) for each in (self.alpha, self.beta))
        return np.where(np.isnan(quality), llr, alpha + beta * llr)
