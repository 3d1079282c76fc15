"""What settings make of fusion: its model and the quality that it wants."""

from __future__ import annotations

from biometrics.template import Modality
from fusion.models.model import FusionModel
from fusion.samples.quality_gate import MinQuality
from infra.calibrations import load_all, load_dependence
from infra.calibrations.pairs import SFACE_COMPARATOR, calibrated_pairs
from infra.settings import Settings

COMPARATORS = {
    Modality.FACE: "face-cosine-2",
    Modality.FINGERPRINT: "fingerprint-signs-1",
    Modality.IRIS: "iris-hamming-3",
}
"""Comparator id of each matching service of this version, as it is set by default."""


def comparators(settings: Settings) -> dict[Modality, str]:
    """Comparator id of each matching service under these settings."""
    return COMPARATORS if settings.face_second_network else COMPARATORS | {Modality.FACE: SFACE_COMPARATOR}


def fusion_model(settings: Settings) -> FusionModel:
    """The fusion model of the shipped calibrations and dependences, with the configured error rates."""
    return FusionModel(
        load_all(),
        comparators(settings),
        settings.fmr,
        settings.fpir,
        settings.review_band_llr,
        min_quality(settings),
        settings.enrolled_prior,
        load_dependence(comparators(settings)),
        calibrated_pairs(),
    )


def min_quality(settings: Settings) -> MinQuality:
    """The configured quality, by modality, below which a sample is not enrolled and no decision hinges on it."""
    return {
        Modality.FACE: settings.min_quality_face,
        Modality.FINGERPRINT: settings.min_quality_fingerprint,
        Modality.IRIS: settings.min_quality_iris,
    }
