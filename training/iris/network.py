"""The segmentation network: a small U-Net with additive skips.

Widths 16, 24, 48, 80, 96 at strides 2 to 32. The first convolution halves the size and the last one turns
each cell into 2×2 pixels, so no convolution runs at full size.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from training.layers import Unit

WIDTHS = (16, 24, 48, 80, 96)
OUTPUTS = 4
LEVEL_FLOOR = 8.0  # grey levels added to an image's standard deviation, so that a blank image's noise is not amplified


class IrisNet(nn.Module):
    """Grey image → probabilities of iris, pupil, opening and noise.

    Input: float32 (batch, 1, 128, 160), grey levels. Output: logits, float32 (batch, 4, 128, 160).
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(1, WIDTHS[0], 5, 2)
        pairs = list(pairwise(WIDTHS))
        self.down = nn.ModuleList(nn.Sequential(Unit(a, b, 3, 2), Unit(b, b)) for a, b in pairs)
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairs)
        self.up = nn.ModuleList(Unit(a, a) for a, _ in pairs)
        self.head = nn.Conv2d(WIDTHS[0], OUTPUTS * 4, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Run the network."""
        x = self.stem(_levelled(images))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        for narrow, up, skip in zip(reversed(self.narrow), reversed(self.up), reversed(skips), strict=True):
            x = nn.functional.interpolate(narrow(x), scale_factor=2.0, mode="nearest")
            x = up(x + skip)
        return nn.functional.pixel_shuffle(self.head(x), 2)


def _levelled(images: Tensor) -> Tensor:
    """Normalise each image: subtract its mean, divide by its standard deviation plus LEVEL_FLOOR."""
    centred = images - images.mean(dim=(2, 3), keepdim=True)
    spread = torch.sqrt((centred * centred).mean(dim=(2, 3), keepdim=True))
    return centred / (spread + LEVEL_FLOOR)
