"""Metrics of decisions: their mix, their reasons, and whether scores are as their calibration claims."""

from __future__ import annotations

from infra.telemetry.instruments import Counter, Histogram, Observed

DECISIONS = Counter(
    "biofusion_decisions_total",
    "Decisions, by operation (verify, identify, fuse, duplicates, enroll), outcome, and the modalities compared (e.g. "
    "FACE+IRIS; NONE; OTHER for a caller's own comparator).",
    ("operation", "outcome", "modalities"),
)
REASONS = Counter(
    "biofusion_decision_reasons_total", "Reasons of decisions; one has several.", ("operation", "outcome", "reason")
)
UNAVAILABLE = Counter(
    "biofusion_samples_unavailable_total", "Samples left out as their matching service did not answer.", ("modality",)
)
MODEL = Observed("biofusion_fusion_model_info", "Always 1: the built-in fusion model.", ("fusion_model_id",))
POLICY = Observed(
    "biofusion_policy",
    "The values that decisions are made by, by default: fmr, fpir, review_band_llr, enrolled_prior, min_quality_….",
    ("value",),
)
POLICY_VERSION = Observed(
    "biofusion_policy_info", "Always 1: a hash of the model, the calibrations and the policy.", ("version",)
)

DECADES = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
"""Upper bounds of the classes of rarity."""

RARITY = Histogram(
    "biofusion_comparison_rarity",
    "−log10 of how often a non-mated person would score as high, as the calibration claims, by comparator and kind: "
    "claimed (verifications) or non_mated (best subject of a search that the answer does not name).",
    DECADES,
    ("comparator_id", "kind"),
)
EXPECTED = Observed(
    "biofusion_comparison_expected_share",
    "Share of comparisons whose rarity is at most `le`, as the calibration claims.",
    ("comparator_id", "kind", "le"),
)
CLAIMED, NON_MATED = "claimed", "non_mated"
