"""Fusion models: domain objects → messages."""

from __future__ import annotations

from biofusion.fusion.v1 import fusion_models_pb2

from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.template import Modality
from fusion.models.model import FusionModel
from fusion.models.reach import Reach, reaches
from infra.wire.calibrations import calibration_to_wire


def model_to_wire(model: FusionModel) -> fusion_models_pb2.FusionModel:
    """The built-in fusion model: calibrations, default rates and reach."""
    return fusion_models_pb2.FusionModel(
        fusion_model_id=model.fusion_model_id,
        calibrations=[calibration_to_wire(model.calibrations[key]) for key in sorted(model.calibrations)],
        default_fmr=model.fmr,
        default_fpir=model.fpir,
        review_band_llr=model.review_band_llr,
        default_enrolled_prior=model.enrolled_prior,
        reaches=map(reach_to_wire, reaches(model)),
    )


def reach_to_wire(reach: Reach) -> fusion_models_pb2.Reach:
    """The highest LLR of a combination of samples, and what follows from it."""
    return fusion_models_pb2.Reach(
        face_count=reach.counts.get(Modality.FACE, 0),
        fingerprint_count=reach.counts.get(Modality.FINGERPRINT, 0),
        iris_count=reach.counts.get(Modality.IRIS, 0),
        max_llr=reach.llr,
        lowest_fmr=reach.lowest_fmr,
        largest_gallery=reach.largest_gallery,
    )


def uploaded_to_wire(model: ScoreFusion) -> fusion_models_pb2.UploadedFusionModel:
    """A summary of an uploaded fusion model, without its fitted parameters."""
    return fusion_models_pb2.UploadedFusionModel(
        fusion_model_id=model.fusion_model_id,
        comparator_ids=model.comparators,
        source=model.provenance.source,
        mated_count=model.provenance.mated_count,
        non_mated_count=model.provenance.non_mated_count,
        min_llr=model.llr_min,
        max_llr=model.llr_max,
        patterns=(_pattern_to_wire(model, pattern) for pattern in sorted(model.patterns)),
    )


def _pattern_to_wire(model: ScoreFusion, pattern: int) -> fusion_models_pb2.PatternSummary:
    by, count = model.patterns[pattern], len(model.comparators)
    return fusion_models_pb2.PatternSummary(
        comparator_ids=[name for place, name in enumerate(model.comparators) if pattern >> place & 1],
        quality_comparator_ids=[name for place, name in enumerate(model.comparators, count) if pattern >> place & 1],
        mated_count=by.counts.mated,
        non_mated_count=by.counts.non_mated,
        effective_non_mated_count=by.counts.non_mated_effective,
        subject_count=by.counts.people,
        lowest_fmr=by.lowest_fmr,
        min_llr=by.llr_min,
        max_llr=by.llr_max,
    )
