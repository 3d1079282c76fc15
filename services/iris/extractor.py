"""Near-infrared image of one eye → phase code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, ImageTooSmall
from biometrics.template import Modality, Position, Template, check_position
from infra.image import Image
from infra.models import load_bytes
from infra.onnx_model import OnnxModel
from services.extraction import Extraction
from services.iris.circles import Circle, Gray
from services.iris.discs import find_discs
from services.iris.encoder import encode
from services.iris.features import BITS, pack
from services.iris.gaze import FRONT, View, seen_from
from services.iris.localisation import Eye, find_eye
from services.iris.measures import measure, tilt
from services.iris.plausibility import require_infrared, require_one_eye, require_one_eye_in_halves, require_texture
from services.iris.quality import assess
from services.iris.rubber_sheet import COLUMNS, unroll
from services.iris.segmentation import Segmentation, Segmenter
from services.iris.visibility import visible

MAX_SIDE_PX = 640  # longer side of the image that is looked at; larger ones are scaled down
MIN_SIDE_PX = 200  # shorter side
MIN_VISIBLE = 0.35  # of the iris ring
MIN_VALID_BITS = BITS // 8
CLEAR = 0.25  # of a limbus: below, the image is looked at a second time
DARKER = 2.0  # gamma of the second look
MODELS = ("iris-segmentation", "iris-phase")


@dataclass(frozen=True, slots=True)
class IrisDetails:
    """What a person can be shown of an iris.

    Args:
        pupil: px of the original image, or, where the eye looks aside, of its straightened view.
        limbus: the same.
        view: from where the eye is seen; turns coordinates of that view into those of the original image.
        opening: float32 (n, 2), the outline of the eye's opening, px of the original image.
        confidence: of the network in the iris, 0–1.
        iris_roundness: shorter over longer axis of the iris, 0–1; low where the eye looks aside.
        visible_fraction: share of the iris ring that is neither hidden nor outside the frame, 0–1.
        visible: bool (64, 512), the same by place on the rubber sheet.
    """

    pupil: Circle
    limbus: Circle
    view: View
    opening: NDArray[np.float32] = field(repr=False)
    confidence: float
    iris_roundness: float
    visible_fraction: float
    visible: NDArray[np.bool_] = field(repr=False)


class _Seen(NamedTuple):
    """An eye in an image, perhaps straightened, as it is seen from `view`."""

    gray: Gray
    found: Segmentation
    eye: Eye
    view: View


class IrisExtractor:
    """Extracts the phase code of one eye.

    1. Segment: the network says where iris, pupil, opening, lashes and mirrored light are.
    2. Fit circles to pupil and limbus, and refine them on the image. Where the pupil is flat, the eye may look aside:
       the same is done on the image stretched to a frontal view, and kept where the limbus shows more clearly there.
    3. Unroll the ring to a sheet; mask what cannot be seen.
    4. Turn the sheet by the tilt of the eye's opening. Filter by two complex Gabor filters; keep the signs and a mask.

    Args:
        segmenter: with the model `iris-segmentation`.
        encoder: the model `iris-phase`.
    """

    modality = Modality.IRIS
    model_id = "iris-gabor-2"

    def __init__(self, segmenter: Segmenter, encoder: OnnxModel) -> None:
        self._segmenter = segmenter
        self._encoder = encoder

    @classmethod
    def load(cls, threads: int = 1) -> IrisExtractor:
        """Make the extractor from the models in the cache.

        Args:
            threads: of each model's run.

        Raises:
            ModelUnavailable: a model is not in the cache.
            ModelCorrupt: a model's bytes are not those of the manifest.
        """
        segmentation, phase = (OnnxModel.from_bytes(load_bytes(name), threads) for name in MODELS)
        return cls(Segmenter(segmentation), phase)

    def extract(self, image: Image, position: Position) -> Extraction[IrisDetails]:
        """Extract the template of the eye in a near-infrared image.

        Args:
            image: grey, 320×240 to 1280×960 px, one eye, iris radius 30 to 150 px per 320 px of the longer side.
            position: which eye; it does not change what is extracted.

        Raises:
            AcquisitionFailed: VISIBLE_LIGHT, the image has colours; IRIS_NOT_FOUND, no open eye; MULTIPLE_EYES;
                IRIS_OCCLUDED, too little of the iris is visible; IRIS_BLURRED, it shows no texture.
            ImageTooSmall: the shorter side is under 200 px.
            PositionInvalid: not an eye.
        """
        check_position(self.modality, position)
        gray = _looked_at(image.gray)
        require_infrared(image)
        require_one_eye_in_halves(gray, self._segmenter)
        gray, found, eye, view = self._find(gray)
        sheet = unroll(gray, eye.pupil.circle, eye.limbus.circle)
        shown = visible(sheet, found)
        if float(np.mean(shown)) < MIN_VISIBLE:
            raise _occluded(float(np.mean(shown)), f"{MIN_VISIBLE:.0%} are needed")
        quality = assess(measure(gray, eye, found, shown))
        require_texture(quality.measures["texture"])
        turn = _turn(found)
        code = encode(self._encoder, np.roll(sheet.values, turn, axis=1), np.roll(shown, turn, axis=1))
        if np.bitwise_count(code.mask).sum() < MIN_VALID_BITS:
            raise _occluded(float(np.mean(shown)), "in pieces too small to be compared")
        details = _details(eye, view, found, shown, image.gray.shape[1] / gray.shape[1])
        return Extraction(Template(self.modality, self.model_id, pack(code)), quality, details)

    def _find(self, gray: Gray) -> _Seen:
        seen = self._from_the_front(gray, 1.0)
        if seen is None or seen.eye.limbus.strength < CLEAR:
            darker = self._from_the_front(gray, DARKER)
            seen = max((each for each in (seen, darker) if each), key=_strength, default=None)
        if seen is None:
            raise _not_found()
        return seen

    def _from_the_front(self, gray: Gray, gamma: float) -> _Seen | None:
        (found,) = self._segmenter.segment([gray], gamma)
        require_one_eye(found)
        discs = find_discs(found)
        if discs is None:
            return None
        eye, view = find_eye(gray, found, discs), seen_from(discs)
        ahead = _Seen(gray, found, eye, FRONT) if eye else None
        aside = None if view.frontal else self._straightened(gray, view, gamma)
        if aside and (ahead is None or _strength(aside) > view.asked * _strength(ahead)):
            return aside
        return ahead

    def _straightened(self, gray: Gray, view: View, gamma: float) -> _Seen | None:
        gray = view.straightened(gray)
        (found,) = self._segmenter.segment([gray], gamma)
        discs = find_discs(found)
        eye = discs and find_eye(gray, found, discs, view)
        return _Seen(gray, found, eye, view) if eye else None


def _strength(seen: _Seen) -> float:
    return seen.eye.limbus.strength


def _turn(found: Segmentation) -> int:
    """Return by how many columns the sheet is to be turned so that the eye's opening lies level."""
    return -round(tilt(found.outline) / 360 * COLUMNS)


def _looked_at(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
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


def _details(eye: Eye, view: View, found: Segmentation, shown: NDArray[np.bool_], scale: float) -> IrisDetails:
    pupil, limbus = eye.pupil.circle.scaled(scale), eye.limbus.circle.scaled(scale)
    outline = np.stack(view.to_image(*found.outline.T), axis=1)
    opening = (outline + np.float32(0.5)) * np.float32(scale) - np.float32(0.5)
    fraction = float(np.mean(shown))
    return IrisDetails(pupil, limbus, view.scaled(scale), opening, eye.confidence, eye.iris_roundness, fraction, shown)


def _not_found() -> AcquisitionFailed:
    return AcquisitionFailed(
        "No open eye was found. Send a near-infrared image of one open eye that fills most of the frame.",
        reason="IRIS_NOT_FOUND",
    )


def _occluded(fraction: float, why: str) -> AcquisitionFailed:
    return AcquisitionFailed(
        f"Only {fraction:.0%} of the iris is visible, {why}. Capture it wide open, without mirrored light.",
        reason="IRIS_OCCLUDED",
        visible_fraction=f"{fraction:.2f}",
    )
