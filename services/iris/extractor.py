"""Near-infrared image of one eye → phase code."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, ImageTooSmall
from biometrics.quality import Quality
from biometrics.template import Modality, Position, Template, check_position
from infra.image import Image
from infra.models import load_bytes
from infra.onnx_model import OnnxModel
from services.extraction import Extraction
from services.iris.circles import Circle
from services.iris.encoder import encode
from services.iris.eyelids import Lid, deviation, find_lids, iris_tone, visible
from services.iris.features import BITS, pack
from services.iris.localisation import Eye, find_eye
from services.iris.quality import assess
from services.iris.rubber_sheet import RubberSheet, unroll

WORKING_SIDE_PX = 320  # longer side at which circles and lids are found
SHEET_SIDE_PX = 640  # longer side at most of the image that is unrolled
MIN_SIDE_PX = 200  # shorter side
MIN_VISIBLE = 0.35  # of the iris ring
MAX_SPREAD, MAX_REACH = 0.3, 0.9  # of the iris's tone, in steps from pupil to iris
MIN_VALID_BITS = BITS // 8


@dataclass(frozen=True, slots=True)
class IrisDetails:
    """What a person can be shown of an iris.

    Args:
        pupil: px of the original image.
        limbus: px of the original image.
        upper_lid: its edge, px of the original image; None where it hides nothing.
        lower_lid: the same of the lower lid.
        visible_fraction: share of the iris ring that is neither hidden nor outside the frame, 0–1.
        visible: bool (64, 512), the same by place on the rubber sheet.
    """

    pupil: Circle
    limbus: Circle
    upper_lid: Lid | None
    lower_lid: Lid | None
    visible_fraction: float
    visible: NDArray[np.bool_] = field(repr=False)


class IrisExtractor:
    """Extracts the phase code of one eye.

    1. Scale to 320 px and find pupil and limbus as circles.
    2. Unroll the ring to a sheet; find lids, lashes and glints on it.
    3. Filter by two complex Gabor filters; keep the signs and a mask.

    Args:
        encoder: the model `iris-phase`.
    """

    modality = Modality.IRIS
    model_id = "iris-gabor-1"

    def __init__(self, encoder: OnnxModel) -> None:
        self._encoder = encoder

    @classmethod
    def load(cls, threads: int = 1) -> IrisExtractor:
        """Make the extractor from the models in the cache.

        Raises:
            ModelUnavailable: the model is not in the cache.
            ModelCorrupt: the model's bytes are not those of the manifest.
        """
        return cls(OnnxModel.from_bytes(load_bytes("iris-phase"), threads))

    def extract(self, image: Image, position: Position) -> Extraction[IrisDetails]:
        """Extract the template of the eye in a near-infrared image.

        Args:
            image: grey, 320×240 to 1280×960 px, one eye, iris radius 30 to 150 px per 320 px of the longer side.
            position: which eye; it does not change what is extracted.

        Raises:
            AcquisitionFailed: IRIS_NOT_FOUND, no open eye; IRIS_OCCLUDED, too little of the iris is visible.
            ImageTooSmall: the shorter side is under 200 px.
            PositionInvalid: not an eye.
        """
        check_position(self.modality, position)
        gray = image.gray
        working = _working_image(gray)
        eye = find_eye(working)
        if eye is None:
            raise _not_found()
        sheet, scale = _unroll_at_detail(gray, eye, working.shape[1])
        tone = iris_tone(sheet)
        if max(tone.spread / MAX_SPREAD, tone.reach / MAX_REACH) > eye.pupil.contrast:
            raise _not_found()
        unlike = deviation(sheet, tone)
        limbus = eye.limbus.circle.scaled(scale)
        lids = find_lids(sheet, unlike, limbus)
        shown = visible(sheet, unlike, lids)
        if float(np.mean(shown)) < MIN_VISIBLE:
            raise _occluded(float(np.mean(shown)))
        code = encode(self._encoder, sheet.values, shown)
        if np.bitwise_count(code.mask).sum() < MIN_VALID_BITS:
            raise _occluded(float(np.mean(shown)))
        details = _details(eye, lids, shown, gray.shape[1], working.shape[1], scale)
        return Extraction(Template(self.modality, self.model_id, pack(code)), _quality(eye, details, gray), details)


def _working_image(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = gray.shape
    if min(height, width) < MIN_SIDE_PX:
        raise ImageTooSmall(
            f"The image is {width}×{height} px; an eye needs {MIN_SIDE_PX} px a side at least. Capture it larger.",
            width=str(width),
            height=str(height),
        )
    return _resized(gray, WORKING_SIDE_PX)


def _resized(gray: NDArray[np.uint8], longer_side: int) -> NDArray[np.uint8]:
    factor = longer_side / max(gray.shape)
    size = (round(gray.shape[1] * factor), round(gray.shape[0] * factor))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, size, interpolation=how), np.uint8)


def _unroll_at_detail(gray: NDArray[np.uint8], eye: Eye, working_width: int) -> tuple[RubberSheet, float]:
    detailed = _resized(gray, SHEET_SIDE_PX) if max(gray.shape) > SHEET_SIDE_PX else gray
    scale = detailed.shape[1] / working_width
    return unroll(detailed, eye.pupil.circle.scaled(scale), eye.limbus.circle.scaled(scale)), scale


def _details(
    eye: Eye,
    lids: tuple[Lid | None, Lid | None],
    shown: NDArray[np.bool_],
    width: int,
    working_width: int,
    sheet_scale: float,
) -> IrisDetails:
    scale = width / working_width
    upper, lower = (None if lid is None else lid.scaled(scale / sheet_scale) for lid in lids)
    pupil, limbus = eye.pupil.circle.scaled(scale), eye.limbus.circle.scaled(scale)
    return IrisDetails(pupil, limbus, upper, lower, float(np.mean(shown)), shown)


def _quality(eye: Eye, details: IrisDetails, gray: NDArray[np.uint8]) -> Quality:
    return assess(
        details.pupil,
        details.limbus,
        (gray.shape[1], gray.shape[0]),
        visible_fraction=details.visible_fraction,
        iris_pupil_contrast=eye.pupil.contrast,
        iris_sclera_contrast=eye.limbus.contrast,
        sharpness=eye.pupil.sharpness,
    )


def _not_found() -> AcquisitionFailed:
    return AcquisitionFailed(
        "No open eye was found. Send a near-infrared image of one open eye that fills most of the frame.",
        reason="IRIS_NOT_FOUND",
    )


def _occluded(fraction: float) -> AcquisitionFailed:
    return AcquisitionFailed(
        f"Only {fraction:.0%} of the iris is visible; {MIN_VISIBLE:.0%} are needed. Capture it with the eye wide open.",
        reason="IRIS_OCCLUDED",
        visible_fraction=f"{fraction:.2f}",
    )
