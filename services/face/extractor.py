"""Extracts one face template from one image, by one network or by two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageTooSmall
from biometrics.template import Modality, Position, check_position
from infra.images.decode import Image
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from services.extraction import Extraction
from services.face.detection.choice import choose, second_share
from services.face.detection.detector import FaceDetector
from services.face.detection.landmarks import DLIB_SIDE_PX, DLIB_TEMPLATE, Points, align
from services.face.quality.measures import measure
from services.face.quality.plausibility import require_photograph, require_recognisable
from services.face.quality.quality import assess
from services.face.template.faces import FaceDetails
from services.face.template.features import MODEL_ID, PAIR_MODEL_ID, Embeddings, joined, pack

MIN_SIDE_PX = 32


class FaceExtractor:
    """Describes the largest face of an image by a unit vector.

    1. Detect all faces (YuNet).
    2. Choose the largest, among equally large ones the most central; refuse if a second is as large and as central.
    3. Detect the landmarks of a tilted face again, in a crop in which it is upright.
    4. Align the face by 5 landmarks to 112×112 px.
    5. Refuse a drawing.
    6. Compute the embedding (SFace); refuse a short one, and scale it to length 1.
    7. A second embedding, if there is a second network (`PairExtractor`).
    8. Assess the quality; report another face of comparable size.

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
        """Make an extractor from the cached models. Raises as `infra.models.model_cache.load_bytes`."""
        return cls(OnnxModel.from_bytes(load_bytes("yunet")), OnnxModel.from_bytes(load_bytes("sface")))

    def extract(self, image: Image, position: Position) -> Extraction[FaceDetails]:
        """Extract the template of one face; the details hold all of them, with their sizes.

        Args:
            image: at least 32 px a side.
            position: FACE or UNKNOWN.

        Raises:
            AcquisitionFailed: FACE_NOT_FOUND, FACE_WITHOUT_SHADING, or FACES_AMBIGUOUS if two are about equally
                large and central (`choice.choose`).
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
        landmarks = np.array(face.landmarks)
        aligned = align(rgb, landmarks)
        require_photograph(aligned)
        vector = self._vectors(aligned[None])[0]
        norm = float(np.linalg.norm(vector))
        require_recognisable(norm)
        measures = measure(face, aligned, frame, norm) | {"second_face_share": second_share(faces, chosen)}
        return Extraction(
            pack(self._completed(np.asarray(vector / norm, np.float32), rgb, landmarks)),
            assess(measures),
            details.scaled(image.reduction),
        )

    def _completed(self, embedding: Embeddings, _rgb: NDArray[np.uint8], _landmarks: Points) -> Embeddings:
        """The template's numbers: SFace's unit vector."""
        return embedding

    def embed(self, aligned: NDArray[np.uint8]) -> Embeddings:
        """Unit vectors, float32 (n, 128), of aligned faces, uint8 (n, 112, 112, 3)."""
        vectors = self._vectors(aligned)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def _vectors(self, aligned: NDArray[np.uint8]) -> Embeddings:
        """The network's output, not normalised: the clearer the face, the longer the vector."""
        return self._embedder.run(data=_planes(aligned))[0]


class PairExtractor(FaceExtractor):
    """Describes a face by the unit vectors of two networks: SFace's, and that of dlib's ResNet.

    What is a face, and its quality, are decided as by SFace alone.

    Args:
        detector: hardened YuNet.
        embedder: hardened SFace.
        second: hardened dlib-face.
    """

    model_id = PAIR_MODEL_ID

    def __init__(self, detector: OnnxModel, embedder: OnnxModel, second: OnnxModel) -> None:
        super().__init__(detector, embedder)
        self._second = second

    @classmethod
    def load(cls) -> PairExtractor:
        """Make an extractor from the cached models. Raises as `infra.models.model_cache.load_bytes`."""
        return cls(*(OnnxModel.from_bytes(load_bytes(name)) for name in ("yunet", "sface", "dlib-face")))

    def _completed(self, embedding: Embeddings, rgb: NDArray[np.uint8], landmarks: Points) -> Embeddings:
        """Both unit vectors, divided by √2 (`features.joined`)."""
        aligned = align(rgb, landmarks, DLIB_TEMPLATE, DLIB_SIDE_PX)
        vector = self._second.run(data=_planes(aligned[None]))[0][0]
        return joined(embedding, np.asarray(vector / np.linalg.norm(vector), np.float32))


def _planes(aligned: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Aligned faces, uint8 (n, side, side, 3), as the networks take them: float32 (n, 3, side, side), 0–255."""
    return np.ascontiguousarray(aligned.transpose(0, 3, 1, 2), np.float32)


def _require_size(rgb: NDArray[np.uint8]) -> tuple[int, int]:
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise ImageTooSmall(
            f"The image is {width}×{height} px; at least {MIN_SIDE_PX} px a side are needed.",
            width=str(width),
            height=str(height),
        )
    return height, width
