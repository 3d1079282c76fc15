"""Hypothesis strategies for samples, searches, parameters and models of an identification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from hypothesis import strategies as st

from biometrics.calibration.dependence import Dependence
from biometrics.comparison import Comparison
from biometrics.errors import AcquisitionFailed, ServiceUnavailable
from biometrics.quality import Quality
from biometrics.template import MissingReason, Modality, Position
from fusion.configured import fusion_model
from fusion.evidence.likeness import Likeness, Likenesses, Relation
from fusion.matching.matchers import Hit
from fusion.models.model import FusionModel
from fusion.ranking.ranking import Asked
from fusion.ranking.search import Searched, lowest_of_each
from fusion.samples.probes import Probe
from gallery.subject import Missing
from infra.settings import Settings
from tests.unit.fusion.world import COMPARATORS, model, sample, template

F, G, E = Modality.FACE, Modality.FINGERPRINT, Modality.IRIS
THUMB, INDEX = Position.RIGHT_THUMB, Position.RIGHT_INDEX
PLACES = [
    (F, Position.FACE), (G, THUMB), (G, INDEX), (G, Position.UNKNOWN),
    (E, Position.LEFT_EYE), (E, Position.RIGHT_EYE), (E, Position.UNKNOWN),
]  # fmt: skip
ENROLLED = {
    F: [Position.FACE],
    G: [THUMB, INDEX, Position.UNKNOWN],
    E: [Position.LEFT_EYE, Position.RIGHT_EYE, Position.UNKNOWN],
}
IDS = [f"s{number}" for number in range(7)]
SHIPPED = fusion_model(Settings())
OTHER = "fingerprint-other-1"
"""Comparator of the fingerprint references of another model."""
RANGES = {F: (-0.2, 1.0), G: (0.0, 60.0), E: (0.0, 1.0)}
"""Approximate ranges of the shipped comparators' scores."""

LLRS = st.sampled_from([-6.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 2.0, 3.0, 4.5, 6.0, 12.0]) | st.floats(-7.0, 9.0)


@st.composite
def probes(draw: st.DrawFn) -> list[Probe]:
    """Some samples, some of which failed, with their likenesses to each other."""
    places = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=7))
    alike: dict[int, list[Likeness]] = {}
    for one, other in combinations(range(len(places)), 2):
        relation = draw(st.sampled_from([None, *Relation])) if places[one][0] is places[other][0] else None
        if relation:
            rho = draw(st.sampled_from([0.0, 0.3, 0.7, 1.0]))
            likeness = Likeness(other, Comparison(1.0, 1.0, 0.1, COMPARATORS[places[one][0]]), relation, rho)
            alike.setdefault(one, []).append(likeness)
            alike.setdefault(other, []).append(replace(likeness, sample=one))
    errors = st.sampled_from([None] * 6 + [ServiceUnavailable("down"), AcquisitionFailed("poor", reason="NOTHING")])
    qualities = st.sampled_from([None, Quality(5.0), Quality(60.0), Quality(90.0)])
    claims = st.sampled_from([None, None, 5.0, 70.0])
    any_position = draw(st.sampled_from([False] * 5 + [True]))
    found = []
    for number, (modality, position) in enumerate(places):
        error = draw(errors)
        found.append(
            Probe(
                replace(sample(modality, "probe", position), template_quality=draw(claims)),
                None if error else template(modality, "probe"),
                draw(qualities),
                error,
                number,
                Likenesses(alike.get(number, ())),
                any_position,
            )
        )
    return found


@st.composite
def searches(draw: st.DrawFn, *, shipped: bool) -> list[Searched]:
    """Results of searches with some samples."""
    found = []
    of_all = draw(probes())
    listed: set[str] = set()
    for probe in of_all:
        hits = {} if probe.error else {each: _hit(draw, probe, each, shipped=shipped) for each in _some(draw, IDS)}
        cut = bool(hits) and draw(st.booleans())
        lowest = min(hit.score for hit in hits.values()) if cut else None
        unseen_of = lowest_of_each([*hits.values()]) if cut else {}
        found.append(Searched(probe, hits, lowest, len(hits) + draw(st.integers(0, 5)), unseen_of=unseen_of))
        listed |= set(hits)
    return [replace(each, lacking=_lacking(draw, each, listed)) for each in found]


def _hit(draw: st.DrawFn, probe: Probe, subject_id: str, *, shipped: bool) -> Hit:
    low, high = RANGES[probe.modality]
    score = draw(st.floats(0.0, 1.0).map(lambda share: low + share * (high - low)) if shipped else LLRS)
    any_position = probe.any_position or probe.position is Position.UNKNOWN
    met = [each for each in ENROLLED[probe.modality] if any_position or each.comparable(probe.position)]
    is_other = not shipped and probe.modality is G and draw(st.booleans())
    facts = (OTHER, "other-model-1") if is_other else ("", "")
    return Hit(subject_id, score, draw(st.sampled_from(met)), draw(st.integers(1, 3)), *facts)


def _some(draw: st.DrawFn, ids: Sequence[str]) -> list[str]:
    return draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []


def _lacking(draw: st.DrawFn, searched: Searched, listed: set[str]) -> frozenset[str]:
    rest = sorted(listed - set(searched.hits))
    return frozenset(_some(draw, rest)) if not searched.probe.error and draw(st.booleans()) else frozenset()


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Any parameters of an identification."""
    missing = [
        Missing(modality, position, MissingReason.BANDAGED)
        for modality, position in draw(st.sets(st.sampled_from(PLACES)))
    ]
    return Asked(
        missing,
        draw(st.sampled_from([None, 0.3, 1e-4])),
        draw(st.sampled_from([None, 0.01])),
        len(IDS) + draw(st.sampled_from([0, 1, 50, 100_000])),
    )


@st.composite
def models(draw: st.DrawFn) -> FusionModel:
    """Models whose scores are LLRs, with any dependences and bounds."""
    rhos = st.sampled_from([0.0, 0.4, 1.0])
    dependences = {modality: Dependence(positions=draw(rhos)) for modality in _some(draw, list(Modality))}
    limit = draw(st.sampled_from([0.0, 20.0]))
    band = draw(st.sampled_from([0.0, 2.0, 5.0]))
    rule = replace(model(), dependences=dependences, poor_quality=dict.fromkeys(Modality, limit), review_band_llr=band)
    most = draw(st.sampled_from([12.0, 3.0]))
    calibrations = {key: replace(each, fmr_log10=(0.0, -most)) for key, each in rule.calibrations.items()}
    other = replace(calibrations[COMPARATORS[G]], comparator_id=OTHER, scores=(-2.0, 2.0), llrs=(-1.0, 1.5))
    of_other = draw(st.sampled_from([2.0, 5.0]))
    calibrations[OTHER] = replace(other, fmr_log10=(0.0, -of_other))
    pairs = {G: {("fingerprint-model-1", "other-model-1"): OTHER}}
    return replace(rule, calibrations=calibrations, pairs=pairs)
