"""What lists that were cut say of the subjects that are not in them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from fusion.evidence.evidence import Evidence
from fusion.matching.matchers import Hit
from fusion.models.model import FusionModel
from fusion.ranking.search import Searched
from fusion.samples.probes import compared


def unseen_llr(searched: Sequence[Searched], model: FusionModel) -> float:
    """Upper bound of the fused LLR of a subject that is in no list; -inf if the lists hold all subjects.

    A search returns the best scores, so the lowest score of a list that was cut bounds every subject that is not in it
    (the threshold algorithm of Fagin, Lotem and Naor, 2003). A subject without a reference of that modality is not
    bound by an LLR below 0 there, so only LLRs above 0 are added. If all are 0 or less, the highest is the bound, as
    the subject has a reference in at least one of these modalities or it could not be compared at all. No
    multiple-comparison penalty is applied here. Example, LLRs at the ends of three lists that were cut:

        face 3, finger 2, iris −4      bound 3 + 2 = 5
        face −1, finger −3             bound −1
    """
    bounds = [cut_off(each, model) for each in searched if each.unseen_score is not None]
    if not bounds:
        return -inf
    best = max(bounds, key=lambda each: each.llr)
    return model.llr([each for each in bounds if each.llr > 0.0] or [best])


def cut_off(searched: Searched, model: FusionModel) -> Evidence:
    """Evidence of the highest LLR that a subject has who is not in a list that was cut. The list must have been cut."""
    return max(cut_offs(searched, model), key=lambda each: each.llr)


def cut_offs(searched: Searched, model: FusionModel) -> list[Evidence]:
    """Evidence of a score equal to the lowest of a list that was cut, for each comparator of the list.

    The list is in order of LLR. So a subject who is not in it scores no higher by any of these comparators; and one
    whose references are compared by none of them has no higher LLR than the lowest of the list.
    """
    assert searched.unseen_score is not None
    lowest = searched.unseen_of or {"": searched.unseen_score}
    hits = [Hit("", score, searched.probe.position, 1, comparator_id) for comparator_id, score in lowest.items()]
    return compared(searched.probe, hits, model)
