"""What a comparison of two templates rests on, as far as they can show it. Biometric data, so it is in no `repr`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from biometrics.comparison import Comparison
from biometrics.template import Template


@dataclass(frozen=True, slots=True)
class PrintMinutia:
    """One minutia of a fingerprint template.

    Args:
        x_px: from the left edge, px at 500 dpi.
        y_px: from the top edge.
        angle_degrees: direction, 0–360, counter-clockwise from the positive x axis.
        is_bifurcation: the ridge forks; else it ends.
        confidence: 0–1.
    """

    x_px: int
    y_px: int
    angle_degrees: float
    is_bifurcation: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class PrintContent:
    """The content of a fingerprint template, in px at 500 dpi of the upright print.

    Args:
        width_px: of the image.
        height_px: of the image.
        area_png: the finger area, 1 bit per cell of 16 × 16 px, white where the finger is.
        minutiae: in the template's order.
    """

    width_px: int
    height_px: int
    area_png: bytes = field(repr=False)
    minutiae: tuple[PrintMinutia, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MinutiaPair:
    """Two minutiae that belong together.

    Args:
        probe_index: from 0.
        reference_index: from 0.
        weight: how well they fit, 0–1.
        likeness: of their surroundings, 0–1; None where it does not count.
    """

    probe_index: int
    reference_index: int
    weight: float
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class PrintMotion:
    """How a print is laid over another: rotated counter-clockwise as seen, −180 to 180, then shifted.

    A point (x, y), y downwards, comes to (x cos φ + y sin φ + right_px, −x sin φ + y cos φ + down_px).
    """

    rotation_degrees: float
    right_px: float
    down_px: float


@dataclass(frozen=True, slots=True)
class FingerprintFindings:
    """What two fingerprints have in common; see `services/fingerprint/comparison/score.py`.

    Args:
        probe: its template.
        reference: its template.
        pairs: minutiae that fall together, greatest weight first: what the geometric score counts.
        similar_pairs: minutiae whose surroundings are alike, likewise: what the local score is the sum of.
        motion: by which the probe is laid over the reference, before it is bent; None if they could not be aligned.
        local_score: 0–1.
        geometric_score: 0 or more.
        common_probe_count: minutiae of the probe on the reference's finger area, at least the number of pairs.
        common_reference_count: minutiae of the reference on the probe's finger area, likewise.
        common_cell_count: common finger area, in cells of 16 × 16 px.
    """

    probe: PrintContent
    reference: PrintContent
    pairs: tuple[MinutiaPair, ...] = field(repr=False)
    similar_pairs: tuple[MinutiaPair, ...] = field(repr=False)
    motion: PrintMotion | None
    local_score: float
    geometric_score: float
    common_probe_count: int
    common_reference_count: int
    common_cell_count: int


@dataclass(frozen=True, slots=True)
class IrisFindings:
    """What two irises have in common, the probe rotated to the reference, and its eighths moved as they were compared.

    Rasters are PNGs of 256 × 64 px with 1 bit per px: columns are angles, rows 16 rings from pupil to limbus with four
    bits each.

    Args:
        probe_mask_png: white where the probe's bits may be compared.
        reference_mask_png: likewise.
        compared_png: white where both may.
        differing_png: white where they were compared and differ.
        compared_count: how many bits were compared.
        differing_count: how many of them differ.
        compared_fraction: share of all bits that were compared, 0–1.
        differing_fraction: share of the compared bits that differ, 0–1; 0 if none was compared.
        rotation_degrees: of the probe, counter-clockwise as seen.
    """

    probe_mask_png: bytes = field(repr=False)
    reference_mask_png: bytes = field(repr=False)
    compared_png: bytes = field(repr=False)
    differing_png: bytes = field(repr=False)
    compared_count: int
    differing_count: int
    compared_fraction: float
    differing_fraction: float
    rotation_degrees: float


@dataclass(frozen=True, slots=True)
class FaceFindings:
    """What two faces have in common: by network, the cosine of its two descriptions, −1 to 1."""

    cosines: tuple[tuple[str, float], ...]


Findings = FingerprintFindings | IrisFindings | FaceFindings
Terms = tuple[tuple[str, float], ...]
"""Parts of a score by name, which add up to it to within 1e-5."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A score with what it is made of.

    Args:
        score: exactly that of `Comparator.compare`.
        terms: its parts; none if the score is 0 because too little is alike.
        findings: what was found in the two templates.
    """

    score: float
    terms: Terms
    findings: Findings


@runtime_checkable
class Explaining(Protocol):
    """What a comparator does beside comparing: it shows what one score is made of."""

    def explain(self, probe: Template, reference: Template) -> Explained:
        """Compare two templates, and show on what the score rests.

        Raises:
            TemplateMalformed, TemplateModelMismatch: as `Comparator.compare_templates`.
        """


@dataclass(frozen=True, slots=True)
class Explanation:
    """An explained comparison, calibrated.

    Args:
        comparison: score, LLR and FMR.
        probe_model_id: the model of the probe's template that was compared.
        reference_model_id: the model of the reference.
        terms: parts of the score.
        findings: what was found in the two templates.
    """

    comparison: Comparison
    probe_model_id: str
    reference_model_id: str
    terms: Terms
    findings: Findings
