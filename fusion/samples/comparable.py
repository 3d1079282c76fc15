"""Which references of a subject a probe is compared with, and which of them counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from biometrics.template import Position, Template
from fusion.matching.matchers import Hit
from fusion.models.model import FusionModel
from fusion.requests.limits import MOST_COMPARED
from fusion.samples.probes import Probe
from gallery.subject import Reference, Subject


def comparable(probe: Probe, subject: Subject, model: FusionModel) -> list[Reference]:
    """The references to compare a probe with, oldest first: the newest 32 of each position.

    Those of a model that is not comparable with the probe's are left out. If nothing else is left, the sample counts as
    one without a reference.
    """
    template = probe.template
    assert template is not None
    kept: list[Reference] = []
    counts: Counter[Position] = Counter()
    for reference in reversed(subject.active_references):
        if (
            reference.modality is probe.modality
            and model.comparator_between(template, reference.template)
            and (probe.any_position or reference.position.comparable(probe.position))
            and counts[reference.position] < MOST_COMPARED
        ):
            counts[reference.position] += 1
            kept.append(reference)
    return kept[::-1]


def best_by_each(
    probe: Template, references: Sequence[Reference], scores: Sequence[float], model: FusionModel
) -> dict[str, int]:
    """The place of the best score by each comparator, as scores of different ones are comparable as LLRs only."""
    best: dict[str, int] = {}
    for place, reference in enumerate(references):
        comparator_id = model.comparator_between(probe, reference.template) or ""
        if comparator_id not in best or scores[place] > scores[best[comparator_id]]:
            best[comparator_id] = place
    return best


def hit_of(
    subject_id: str, references: Sequence[Reference], scores: Sequence[float], comparator_id: str, place: int
) -> Hit:
    """The comparison with the reference at a place, as the best of all."""
    best = references[place]
    return Hit(subject_id, scores[place], best.position, len(scores), comparator_id, best.template.model_id)
