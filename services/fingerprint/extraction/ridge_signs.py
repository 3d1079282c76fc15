"""Describes the ridges around each minutia by 32 signs, which see more of it than which minutiae are beside it.

1. The print at 250 dpi, its brightness and contrast levelled from place to place.
2. Around each minutia 64 × 64 px (6.5 mm) of it, turned so that the minutia's direction points to the right: so the
   signs do not change when the finger is shifted or rotated.
3. A network of this project gives 32 numbers for each (`python -m training.fingerprint`); their signs are kept. The
   more of them agree, the likelier two minutiae are one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from services.fingerprint.extraction.second_look import evened
from services.fingerprint.template.features import Minutiae

NAME = "ridge-signs"
BITS = 32
PATCH_PX = 64  # at 250 dpi
LEVELLED_PX = 8.0
MIN_CONTRAST = 4.0  # grey levels, added so that flat ground stays flat
LARGEST = 2.5

_VALUES = np.uint32(1) << np.arange(BITS, dtype=np.uint32)

Plane = NDArray[np.float32]


class RidgeSigns:
    """The network, on one thread.

    Args:
        model: input `patches`, float32 (n, 1, 64, 64); output float32 (n, 32).
    """

    def __init__(self, model: OnnxModel) -> None:
        self._model = model

    @classmethod
    def load(cls) -> RidgeSigns:
        """Load the network from the model cache.

        Raises:
            ModelUnavailable: it is not there; `biofusion models` makes it.
            ModelCorrupt: its bytes are not the manifest's.
        """
        return cls(OnnxModel.from_bytes(load_bytes(NAME)))

    def of(self, gray: NDArray[np.uint8], minutiae: Minutiae) -> NDArray[np.uint32]:
        """The signs of the ridges around each minutia; uint32, shape (n,): bit k for a number k above 0.

        Args:
            gray: uint8, shape (height, width), 500 dpi, ridges dark.
            minutiae: of it, at least one.
        """
        picture = levelled(halved(gray))
        places = zip((minutiae.x - 0.5) / 2, (minutiae.y - 0.5) / 2, minutiae.angle, strict=True)
        patches = np.stack([patch(picture, float(x), float(y), -float(angle)) for x, y, angle in places])
        numbers = self._model.run(patches=patches[:, None])[0]
        return signs_of(numbers > 0)


def signs_of(bits: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Rows of 32 bits as numbers; uint32, shape (n,): bit k for column k."""
    return np.asarray(bits @ _VALUES, np.uint32)


def halved(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A print at 500 dpi at half of it: the mean of every 2 × 2 px, of an odd last row or column twice itself."""
    height, width = gray.shape
    even = cv2.copyMakeBorder(gray, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def levelled(gray: NDArray[np.uint8]) -> Plane:
    """A print at 250 dpi without its brightness and contrast from place to place: float32, −2.5 to 2.5."""
    light = gray.astype(np.float32)
    relief = light - cv2.GaussianBlur(light, (0, 0), LEVELLED_PX)
    return np.asarray(np.clip(evened(relief, LEVELLED_PX, MIN_CONTRAST), -LARGEST, LARGEST), np.float32)


def patch(picture: Plane, x: float, y: float, radians: float) -> Plane:
    """The 64 × 64 px around (x, y), turned so that a direction (from +x towards +y) points to the right."""
    cosine, sine, half = np.cos(radians), np.sin(radians), (PATCH_PX - 1) / 2
    motion = np.array(
        [[cosine, -sine, x - (cosine - sine) * half], [sine, cosine, y - (sine + cosine) * half]], np.float32
    )
    return np.asarray(
        cv2.warpAffine(picture, motion, (PATCH_PX, PATCH_PX), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    )
