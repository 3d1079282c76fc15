"""Extracts the phase code from a near-infrared image of one eye."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, ImageTooSmall
from biometrics.template import Modality, Position, Template, check_position
from infra.images.decode import Image
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from services.extraction import Extraction
from services.iris.coding import rubber_sheet
from services.iris.coding.encoder import encode
from services.iris.coding.rubber_sheet import COLUMNS, unroll
from services.iris.coding.visibility import visible
from services.iris.details import IrisDetails, describe
from services.iris.localisation import limbus, pupil
from services.iris.looks.pose import PoseFinder
from services.iris.looks.second_looks import EyeFinder, require_certain
from services.iris.quality.measures import measure
from services.iris.quality.plausibility import require_infrared, require_one_eye_in_halves, require_texture
from services.iris.quality.quality import assess
from services.iris.segmentation import circles, mask_circles
from services.iris.segmentation.network import Segmentation, Segmenter
from services.iris.template.features import BITS, pack

MAX_SIDE_PX = 640  # longer side of the processed image; larger ones are scaled down
MIN_SIDE_PX = 200  # shorter side
MIN_VISIBLE = 0.35  # least visible share of the iris ring
MIN_VALID_BITS = BITS // 8
MODELS = ("iris-segmentation", "iris-segmentation-wide", "iris-phase")


class IrisExtractor:
    """Extracts the phase code of one eye. The constructor compiles its kernels or loads them from the cache.

    1. Rotate the image so that the eye is upright, if lids and lashes show its orientation (looks/pose.py).
    2. Find the circles of pupil and limbus; in doubt, by further looks (looks/second_looks.py).
    3. Unroll the ring to a sheet; mask what is not visible.
    4. Rotate the sheet by the tilt of the eye's opening. Apply two complex Gabor filters; keep the signs and a mask.

    Args:
        segmenter: with the model `iris-segmentation`.
        other: with the model `iris-segmentation-wide`, for eyes that are in doubt.
        encoder: the model `iris-phase`.
    """

    modality = Modality.IRIS
    model_id = "iris-gabor-2"

    def __init__(self, segmenter: Segmenter, other: Segmenter, encoder: OnnxModel) -> None:
        self._segmenter = segmenter
        self._poses, self._eyes = PoseFinder(segmenter), EyeFinder(segmenter, other)
        self._encoder = encoder
        for module in (circles, mask_circles, pupil, limbus, rubber_sheet):
            module.warm_up()

    @classmethod
    def load(cls, threads: int = 1) -> IrisExtractor:
        """Make the extractor from the models in the cache.

        Args:
            threads: per run of a model.

        Raises:
            ModelUnavailable: a model is not in the cache.
            ModelCorrupt: a model's bytes are not those of the manifest.
        """
        segmentation, other, phase = (OnnxModel.from_bytes(load_bytes(name), threads) for name in MODELS)
        return cls(Segmenter(segmentation), Segmenter(other), phase)

    def extract(self, image: Image, position: Position) -> Extraction[IrisDetails]:
        """Extract the template of the eye in a near-infrared image.

        Args:
            image: grey, 320×240 to 1280×960 px, one eye, iris radius 30 to 150 px per 320 px of the longer side.
            position: which eye; it does not change what is extracted.

        Raises:
            AcquisitionFailed: VISIBLE_LIGHT: the image has colours; IRIS_NOT_FOUND: no open eye; MULTIPLE_EYES;
                IRIS_UNCERTAIN: pupil or limbus may be something else; IRIS_OCCLUDED: too little of the iris is
                visible; IRIS_BLURRED: it shows no texture.
            ImageTooSmall: the shorter side is under 200 px.
            PositionInvalid: not an eye.
        """
        check_position(self.modality, position)
        gray = _scaled_down(image.gray)
        require_infrared(image)
        require_one_eye_in_halves(gray, self._segmenter)
        pose = self._poses.find(gray)
        seen = self._eyes.find(pose.gray, pose.found)
        sheet = unroll(seen.gray, seen.eye.pupil.circle, seen.eye.limbus.circle)
        shown = visible(sheet, seen.found)
        fraction = np.count_nonzero(shown) / shown.size
        if fraction < MIN_VISIBLE:
            raise _occluded(fraction, f"{MIN_VISIBLE:.0%} are needed")
        measures = measure(seen.gray, seen.eye, seen.found, shown) | {"upright": pose.upright}
        quality = assess(measures, turned=pose.quarters > 0)
        require_texture(quality.measures["texture"])
        require_certain(seen)
        turn = _turn(seen.found)
        code = encode(self._encoder, np.roll(sheet.values, turn, axis=1), np.roll(shown, turn, axis=1))
        if np.bitwise_count(code.mask).sum() < MIN_VALID_BITS:
            raise _occluded(fraction, "in parts too small to compare")
        scale = image.reduction * image.pixels.shape[1] / gray.shape[1]
        details = describe(seen, shown, pose.quarters, scale)
        return Extraction(Template(self.modality, self.model_id, pack(code)), quality, details)


def _turn(found: Segmentation) -> int:
    """Return the columns by which to rotate the sheet so that the eye's opening is level."""
    return -round(found.tilt / 360 * COLUMNS)


def _scaled_down(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = gray.shape
    if min(height, width) < MIN_SIDE_PX:
        raise ImageTooSmall(
            f"The image is {width}×{height} px; an eye needs {MIN_SIDE_PX} px a side at least. Capture it larger.",
            width=str(width),
            height=str(height),
        )
    factor = MAX_SIDE_PX / max(height, width)
    if factor >= 1:
        return gray
    size = (round(width * factor), round(height * factor))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _occluded(fraction: float, why: str) -> AcquisitionFailed:
    return AcquisitionFailed(
        f"Only {fraction:.0%} of the iris is visible, {why}. Capture it wide open, without reflections.",
        reason="IRIS_OCCLUDED",
        visible_fraction=f"{fraction:.2f}",
    )
