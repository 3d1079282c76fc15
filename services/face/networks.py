"""Which networks describe faces: SFace and dlib's, or SFace alone, by the setting FACE_SECOND_NETWORK."""

from __future__ import annotations

from infra.settings import Settings
from services.face.comparator import FaceComparator, PairComparator
from services.face.extractor import FaceExtractor, PairExtractor


def extractor(settings: Settings) -> FaceExtractor:
    """The extractor with its models loaded. Raises as `infra.models.model_cache.load_bytes`."""
    return PairExtractor.load() if settings.face_second_network else FaceExtractor.load()


def comparator(settings: Settings) -> FaceComparator:
    """The comparator of the extractor's templates."""
    return PairComparator() if settings.face_second_network else FaceComparator()


def earlier(settings: Settings) -> list[FaceComparator]:
    """The comparators of models that a gallery may hold beside: with two networks, that of SFace alone.

    It compares SFace's part of a probe (`features.unpack_packed`), so that no second template is extracted.
    """
    return [FaceComparator()] if settings.face_second_network else []


def names(settings: Settings) -> tuple[str, ...]:
    """The models, as in infra/models/models.toml."""
    return ("yunet", "sface", "dlib-face") if settings.face_second_network else ("yunet", "sface")
