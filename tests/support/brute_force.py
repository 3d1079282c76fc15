"""Brute-force search, the result that an index must equal."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.template import Modality, Position, Template
from gallery.index.exact import IndexHit
from gallery.subject import Subject
from tests.support.builders import MODEL_ID
from tests.support.fakes.comparators import VectorComparator


def usable(subject: Subject) -> list[tuple[Template, Position]]:
    """The subject's references that the comparator accepts."""
    return [
        (r.template, r.position)
        for r in subject.active_references
        if r.modality is Modality.FINGERPRINT and r.template.model_id == MODEL_ID
    ]


def brute_force(probe: Template, position: Position, subjects: Sequence[Subject]) -> list[IndexHit]:
    """The hits of a search that makes every comparison one by one."""
    comparator, order = VectorComparator(), list(Position)
    hits = []
    for subject in subjects:
        scored = [
            (float(comparator.compare(comparator.stack([probe]), comparator.stack([template]))[0, 0]), where)
            for template, where in usable(subject)
            if where.comparable(position)
        ]
        if scored:
            score, where = min(scored, key=lambda pair: (-pair[0], order.index(pair[1])))
            hits.append(IndexHit(subject.subject_id, score, where, len(scored)))
    return sorted(hits, key=lambda hit: (-hit.score, hit.subject_id))
