"""One image → one face template."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, ImageTooSmall
from biometrics.template import Modality, Position, check_position
from infra.image import Image
from infra.models import load_bytes
from infra.onnx_model import OnnxModel
from services.extraction import Extraction
from services.face.alignment import align
from services.face.detector import FaceDetector
from services.face.features import MODEL_ID, Embeddings, Face, FaceDetails, pack
from services.face.measures import measure
from services.face.plausibility import require_photograph, require_recognisable
from services.face.quality import assess

MIN_SIDE_PX = 32
CENTRALITY = 0.2  # standard deviation of the weight, in longer sides of the image
AMBIGUOUS_FROM = 0.6  # share of the best face's prominence; no image of LFW View 1 (1,549) has more than 0.52


class FaceExtractor:
    """Describes the most prominent face of an image by a unit vector.

    1. Detect all faces (YuNet).
    2. Choose the largest, weighted by how central it is; refuse when a second is about as prominent.
    3. Find the landmarks of a tilted face anew, in a crop in which it is upright.
    4. Align it by 5 landmarks to 112×112 px.
    5. Refuse a drawing.
    6. Embed it (SFace); refuse what gives a short vector, and scale it to length 1.

    Implements `Extractor`; safe to call from many threads.

    Args:
        detector: hardened YuNet.
        embedder: hardened SFace.
    """

    modality = Modality.FACE
    model_id = MODEL_ID

    def __init__(self, detector: OnnxModel, embedder: OnnxModel) -> None:
        self._detector = FaceDetector(detector)
        self._embedder = embedder

    @classmethod
    def load(cls) -> FaceExtractor:
        """Make an extractor from the cached models. Raises as `infra.models.load_bytes`."""
        return cls(OnnxModel.from_bytes(load_bytes("yunet")), OnnxModel.from_bytes(load_bytes("sface")))

    def extract(self, image: Image, position: Position) -> Extraction[FaceDetails]:
        """Extract the template of the image's most prominent face.

        Args:
            image: at least 32 px a side.
            position: FACE or UNKNOWN.

        Raises:
            AcquisitionFailed: FACE_NOT_FOUND, FACE_WITHOUT_SHADING, or FACES_AMBIGUOUS with the metadata `face_count`.
            ImageTooSmall: a side under 32 px.
            PositionInvalid: any other position.
        """
        check_position(Modality.FACE, position)
        rgb = image.rgb
        frame = _require_size(rgb)
        faces = self._detector.detect(rgb)
        chosen = choose(faces, frame)
        face = self._detector.levelled(rgb, faces[chosen])
        details = FaceDetails((*faces[:chosen], face, *faces[chosen + 1 :]), chosen)
        aligned = align(rgb, np.array(face.landmarks))
        require_photograph(aligned)
        vector = self._vectors(aligned[None])[0]
        norm = float(np.linalg.norm(vector))
        require_recognisable(norm)
        quality = assess(measure(face, aligned, frame, norm))
        return Extraction(pack(np.asarray(vector / norm, np.float32)), quality, details)

    def embed(self, aligned: NDArray[np.uint8]) -> Embeddings:
        """Unit vectors, float32 (n, 128), of aligned faces, uint8 (n, 112, 112, 3)."""
        vectors = self._vectors(aligned)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def _vectors(self, aligned: NDArray[np.uint8]) -> Embeddings:
        """The network's output, of any length: it is the longer, the clearer the face."""
        return self._embedder.run(data=np.ascontiguousarray(aligned.transpose(0, 3, 1, 2), np.float32))[0]


def choose(faces: Sequence[Face], frame: tuple[int, int]) -> int:
    """Index of the most prominent face.

    Prominence is the box's area times exp(−½(d/σ)²), d the distance from the image's centre, σ a fifth of the
    image's longer side.

    Args:
        faces: all that were found.
        frame: height and width of the image.

    Raises:
        AcquisitionFailed: FACE_NOT_FOUND: there is none. FACES_AMBIGUOUS: a second has 0.6 of the best prominence.
    """
    if not faces:
        raise AcquisitionFailed(
            "No face was found. Send an image with one face, at least 40 px wide, seen from the front.",
            reason="FACE_NOT_FOUND",
        )
    weights = [_prominence(face, frame) for face in faces]
    order = sorted(range(len(faces)), key=weights.__getitem__, reverse=True)
    if len(order) > 1 and weights[order[1]] >= AMBIGUOUS_FROM * weights[order[0]]:
        raise AcquisitionFailed(
            f"{len(faces)} faces were found, two of them about equally large and central. Crop the image to one.",
            reason="FACES_AMBIGUOUS",
            face_count=str(len(faces)),
        )
    return order[0]


def _prominence(face: Face, frame: tuple[int, int]) -> float:
    height, width = frame
    x, y = face.centre
    distance = np.hypot(x - width / 2, y - height / 2) / max(frame)
    return face.area_px * exp(-0.5 * (float(distance) / CENTRALITY) ** 2)


def _require_size(rgb: NDArray[np.uint8]) -> tuple[int, int]:
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise ImageTooSmall(
            f"The image is {width}×{height} px; at least {MIN_SIDE_PX} px a side are needed.",
            width=str(width),
            height=str(height),
        )
    return height, width
