"""How alike two samples of one request are, and whether they are of one source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from biometrics.comparison import Comparison

SAME_SOURCE_LLR = 3.0
"""Samples are of one source from this LLR on. Not raised for the number of pairs: merging samples adds no evidence."""

OTHER_SOURCE_LLR = -1.0
"""Samples are of different sources at or below this LLR."""


class Relation(StrEnum):
    """Whether two samples are of one source."""

    SAME_SAMPLE = "SAME_SAMPLE"
    SAME_SOURCE = "SAME_SOURCE"
    UNCLEAR = "UNCLEAR"
    OTHER_SOURCE = "OTHER_SOURCE"

    @property
    def is_one_source(self) -> bool:
        """Whether both samples are of the same finger, eye or face."""
        return self in (Relation.SAME_SAMPLE, Relation.SAME_SOURCE)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a sample is to one other sample of its request.

    Args:
        sample: number of the other sample in the request, from 0.
        comparison: comparison of the two samples.
        relation: whether they are of one source, by that comparison.
        rho: correlation of their LLRs about a subject, 0 to 1; at 1 they count as one.
    """

    sample: int
    comparison: Comparison
    relation: Relation
    rho: float


class Likenesses(tuple[Likeness, ...]):  # noqa: SLOT001 - it caches its lookup tables
    """How alike a sample is to the others of its request, with lookup by their numbers."""

    @cached_property
    def by_sample(self) -> Mapping[int | None, Likeness]:
        """The likenesses by number of the other sample."""
        return {each.sample: each for each in self}

    @cached_property
    def of_one_source(self) -> frozenset[int]:
        """Numbers of the samples that are of one source with it."""
        return frozenset(each.sample for each in self if each.relation.is_one_source)


NO_LIKENESSES = Likenesses()


def relation(llr: float, *, is_repeat: bool) -> Relation:
    """Relation of two samples by their comparison.

    Args:
        llr: LLR of the comparison.
        is_repeat: whether they are more alike than two separate captures are.
    """
    if is_repeat and llr > 0.0:
        return Relation.SAME_SAMPLE
    if llr >= SAME_SOURCE_LLR:
        return Relation.SAME_SOURCE
    return Relation.OTHER_SOURCE if llr <= OTHER_SOURCE_LLR else Relation.UNCLEAR
