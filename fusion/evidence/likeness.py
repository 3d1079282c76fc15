"""How alike two samples of one request are, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from biometrics.comparison import Comparison

SAME_SOURCE_LLR = 3.0
"""Samples are of one source from here on, however many pairs are looked at: what is taken for one is not added up."""

OTHER_SOURCE_LLR = -1.0
"""Samples are of different sources up to here."""


class Relation(StrEnum):
    """What two samples are to each other."""

    SAME_SAMPLE = "SAME_SAMPLE"
    SAME_SOURCE = "SAME_SOURCE"
    UNCLEAR = "UNCLEAR"
    OTHER_SOURCE = "OTHER_SOURCE"

    @property
    def is_one_source(self) -> bool:
        """Whether both are of one finger, eye or face."""
        return self in (Relation.SAME_SAMPLE, Relation.SAME_SOURCE)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a sample is to another one of its request.

    Args:
        sample: number of the other one in the request, from 0.
        comparison: of the two.
        relation: what follows from it.
        rho: how much of what they say of a subject is the same, 0 to 1; 1: they count as one.
    """

    sample: int
    comparison: Comparison
    relation: Relation
    rho: float


class Likenesses(tuple[Likeness, ...]):  # noqa: SLOT001 - it keeps what it has looked up
    """How alike a sample is to others of its request, to be looked up by their numbers."""

    @cached_property
    def by_sample(self) -> Mapping[int | None, Likeness]:
        """By the number of the other sample."""
        return {each.sample: each for each in self}

    @cached_property
    def of_one_source(self) -> frozenset[int]:
        """The numbers of those that are of one source with it."""
        return frozenset(each.sample for each in self if each.relation.is_one_source)


NO_LIKENESSES = Likenesses()


def relation(llr: float, *, is_repeat: bool) -> Relation:
    """What two samples are to each other.

    Args:
        llr: of their comparison.
        is_repeat: whether they are more alike than two captures are.
    """
    if is_repeat and llr > 0.0:
        return Relation.SAME_SAMPLE
    if llr >= SAME_SOURCE_LLR:
        return Relation.SAME_SOURCE
    return Relation.OTHER_SOURCE if llr <= OTHER_SOURCE_LLR else Relation.UNCLEAR
