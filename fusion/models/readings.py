"""What operators see of the built-in fusion model: its version, its policy, and how scores should be distributed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from biometrics.calibration.expected_rarity import mated_shares, non_mated_shares
from fusion.models.model import FusionModel
from infra.telemetry.instruments import Reading
from infra.telemetry.metrics import decisions

VERSION_DIGITS = 12


def readings(model: FusionModel) -> Iterator[Reading]:
    """All values; they do not change while the process runs."""
    yield Reading(decisions.MODEL, 1, (model.fusion_model_id,))
    yield Reading(decisions.POLICY_VERSION, 1, (version(model),))
    for name, value in _policy(model).items():
        yield Reading(decisions.POLICY, value, (name,))
    bounds = [str(each) for each in decisions.DECADES]
    by_chance = non_mated_shares(decisions.DECADES).tolist()
    for comparator_id, calibration in model.calibrations.items():
        claimed = mated_shares(calibration, decisions.DECADES).tolist()
        for kind, shares in ((decisions.CLAIMED, claimed), (decisions.NON_MATED, by_chance)):
            for bound, share in zip(bounds, shares, strict=True):
                yield Reading(decisions.EXPECTED, share, (comparator_id, kind, bound))


def version(model: FusionModel) -> str:
    """A hash of all that decisions are made by; two processes with the same one decide alike."""
    parts = [model.fusion_model_id, repr(_policy(model)), repr(model.dependences)]
    parts += [each.to_json() for each in model.calibrations.values()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:VERSION_DIGITS]


def _policy(model: FusionModel) -> dict[str, float]:
    rates = {"fmr": model.fmr, "fpir": model.fpir}
    others = {"review_band_llr": model.review_band_llr, "enrolled_prior": model.enrolled_prior}
    qualities = {f"min_quality_{each.lower()}": value for each, value in sorted(model.poor_quality.items())}
    return rates | others | qualities
