"""The network that describes the surroundings of a minutia by signs: seven convolutions and one product."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from services.fingerprint.extraction.ridge_signs import BITS
from training.layers import Unit

WIDTHS = (16, 32, 64, 96)
CELLS = 4  # a side, after the last convolution


class RidgeNet(nn.Module):
    """Surroundings of minutiae → numbers, of which the signs count.

    Input: float32 (n, 1, 64, 64), levelled (patches.py). Output: float32 (n, 32), mean 0 and variance 1 in training.
    """

    def __init__(self, bits: int = BITS) -> None:
        super().__init__()
        a, b, c, d = WIDTHS
        self.features = nn.Sequential(
            Unit(1, a, 5, 2), Unit(a, b, 3, 2), Unit(b, b), Unit(b, c, 3, 2), Unit(c, c), Unit(c, d, 3, 2), Unit(d, d)
        )
        self.product = nn.Linear(d * CELLS * CELLS, bits)
        self.norm = nn.BatchNorm1d(bits, affine=False)

    def forward(self, patches: Tensor) -> Tensor:
        """Run the network."""
        return torch.as_tensor(self.norm(self.product(self.features(patches).flatten(1))))
