"""Which templates of different models are comparable, and by which comparator's calibration.

Templates of one model are always comparable, by the comparator of their service. Here is what else is: a row for each
pair of a probe's and a reference's model. A pair counts only if the calibration of its comparator is shipped; a
comparison of such a pair without it is refused (ComparatorUncalibrated).

For a change of a model, a row with the previous model twice states the comparator of its templates; the matching
service compares them beside its own (docs/concepts/several-models.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from biometrics.template import Modality
from infra.calibrations import names

FOREIGN_MINUTIAE = "fingerprint-minutiae-1"
"""Minutiae that other extractors found, in the layout of the fingerprint service's own templates."""
OWN_MINUTIAE = "fingerprint-leader-3"
EARLIER_MINUTIAE = "fingerprint-leader-2"
"""The own minutiae without the signs of the ridges around them; own templates have the same minutiae."""
EARLIER_COMPARATOR = "fingerprint-elastic-2"
FOREIGN_COMPARATOR = "fingerprint-elastic-2-foreign"
"""The elastic comparator, calibrated for pairs of which the probe, the reference or both are of other extractors."""

SFACE = "face-sface-2021dec-1"
"""Faces described by SFace alone."""
FACE_PAIR = "face-sface-dlib-1"
"""Faces described by SFace and dlib's network; the first half of the numbers are SFace's."""
SFACE_COMPARATOR = "face-cosine-1"
"""The cosine of SFace's numbers, also of those in a template of the pair."""

Pairs = Mapping[tuple[str, str], str]
"""The comparator by the models of probe and reference."""

PAIRS: Mapping[Modality, Pairs] = {
    Modality.FACE: {(SFACE, SFACE): SFACE_COMPARATOR, (FACE_PAIR, SFACE): SFACE_COMPARATOR},
    Modality.FINGERPRINT: {
        (EARLIER_MINUTIAE, EARLIER_MINUTIAE): EARLIER_COMPARATOR,
        (OWN_MINUTIAE, EARLIER_MINUTIAE): EARLIER_COMPARATOR,
        (EARLIER_MINUTIAE, OWN_MINUTIAE): EARLIER_COMPARATOR,
        (EARLIER_MINUTIAE, FOREIGN_MINUTIAE): FOREIGN_COMPARATOR,
        (FOREIGN_MINUTIAE, EARLIER_MINUTIAE): FOREIGN_COMPARATOR,
        (OWN_MINUTIAE, FOREIGN_MINUTIAE): FOREIGN_COMPARATOR,
        (FOREIGN_MINUTIAE, OWN_MINUTIAE): FOREIGN_COMPARATOR,
        (FOREIGN_MINUTIAE, FOREIGN_MINUTIAE): FOREIGN_COMPARATOR,
    },
}


def calibrated_pairs(pairs: Mapping[Modality, Pairs] = PAIRS) -> dict[Modality, Pairs]:
    """Those of the pairs whose calibration is shipped."""
    shipped = set(names())
    return {
        modality: {pair: comparator for pair, comparator in of_one.items() if comparator in shipped}
        for modality, of_one in pairs.items()
    }
