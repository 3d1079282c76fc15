"""Groups the samples of one modality by source, for many subjects at once, as `dependent_sum.places` does for one.

Sets of samples are bit masks: bit i stands for the i-th sample of the modality, at most 64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Position
from fusion.evidence.likeness import Relation
from fusion.samples.probes import Probe

Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]
Rows = NDArray[np.int64]

CODES = {position: code for code, position in enumerate(Position)}
NOT_MET = -1
"""Code of "no reference was compared"; the code of an unknown position is 0."""

UNKNOWN = CODES[Position.UNKNOWN]


class Pattern(NamedTuple):
    """The facts about a subject on which the grouping of its samples depends.

    Args:
        compared: set of the samples that were compared.
        has_unknown: whether a position is UNKNOWN on either side.
        met: for each sample the code of the position of its best reference, if the grouping depends on it, else empty.
    """

    compared: int
    has_unknown: bool
    met: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Links:
    """Relations between the k samples of one modality, which do not depend on the subject.

    Args:
        unknown: whether a sample's position is UNKNOWN, shape (k,).
        same_position: for each sample the set of samples of its position.
        one_source: for each sample the set of samples that are of its source, by their own comparison.
        other_source: for each sample the set of samples that are of another source, by their own comparison.
    """

    unknown: Flags
    same_position: tuple[int, ...]
    one_source: tuple[int, ...]
    other_source: tuple[int, ...]

    @classmethod
    def of(cls, probes: Sequence[Probe]) -> Links:
        """From the positions and likenesses of the probes."""
        same, one, other = ([0] * len(probes) for _ in range(3))
        places = {probe.number: place for place, probe in enumerate(probes)}
        for place, probe in enumerate(probes):
            same[place] = sum(1 << n for n, each in enumerate(probes) if each.position is probe.position)
            for alike in probe.likenesses:
                for masks, holds in (
                    (one, alike.relation.is_one_source),
                    (other, alike.relation is Relation.OTHER_SOURCE),
                ):
                    if holds and alike.sample in places:
                        masks[place] |= 1 << places[alike.sample]
        unknown = np.array([probe.position is Position.UNKNOWN for probe in probes])
        return cls(unknown, tuple(same), tuple(one), tuple(other))

    def patterns(self, compared: Flags, met: Codes) -> Iterator[tuple[Pattern, Rows]]:
        """Every pattern that occurs, with the rows that have it.

        Args:
            compared: whether there is a comparison, shape (n, k).
            met: code of the position of its reference, shape (n, k).
        """
        has_unknown = (compared & (self.unknown | (met == UNKNOWN))).any(axis=1)
        bits = np.uint64(1) << np.arange(compared.shape[1], dtype=np.uint64)
        of_row = np.bitwise_or.reduce(np.where(compared, bits, np.uint64(0)), axis=1)
        for rows in _equal_rows(of_row[:, None], ~has_unknown):
            yield Pattern(int(of_row[rows[0]]), has_unknown=False), rows
        codes = np.where(compared, met, NOT_MET)[:, : compared.shape[1] * any(self.other_source)]
        for rows in _equal_rows(np.column_stack([of_row.view(np.int64), codes]), has_unknown):
            yield Pattern(int(of_row[rows[0]]), has_unknown=True, met=tuple(codes[rows[0]].tolist())), rows

    def sources(self, pattern: Pattern) -> list[int]:
        """The set of samples of each source, in order of the first sample."""
        if pattern.has_unknown:
            near = self._near_with_unknown(pattern)
        else:
            near = [*map(int.__or__, self.same_position, self.one_source)]
        return list(_connected(pattern.compared, near))

    def _near_with_unknown(self, pattern: Pattern) -> list[int]:
        """For each sample the set of samples that may be of its source, where some positions are unknown.

        All may be, except those that are of another source by their own comparison and whose best references are of
        different known positions.
        """
        all_samples = (1 << len(self.one_source)) - 1
        if not pattern.met:
            return [all_samples] * len(self.one_source)
        met = {code: sum(1 << n for n, each in enumerate(pattern.met) if each == code) for code in set(pattern.met)}
        loose = met.get(UNKNOWN, 0) | met.get(NOT_MET, 0)
        together = [all_samples if loose >> n & 1 else met[code] | loose for n, code in enumerate(pattern.met)]
        facts = zip(self.one_source, self.other_source, together, strict=True)
        return [one | ~other | joined for one, other, joined in facts]


def members_of(mask: int) -> list[int]:
    """Numbers of the samples in a set, ascending."""
    return [place for place in range(mask.bit_length()) if mask >> place & 1]


def _connected(compared: int, near: Sequence[int]) -> Iterator[int]:
    """Connected components among the compared samples: one set for each source."""
    while compared:
        source = waiting = compared & -compared
        while waiting:
            place = waiting.bit_length() - 1
            found = near[place] & compared & ~source
            source, waiting = source | found, waiting ^ (1 << place) | found
        yield source
        compared &= ~source


def _equal_rows(keys: NDArray[Any], chosen: Flags) -> Iterator[Rows]:
    """Numbers of the chosen rows, grouped by equal keys."""
    rows = np.flatnonzero(chosen)
    if rows.size == 0:
        return iter(())
    columns = keys[rows, 0] if keys.shape[1] == 1 else keys[rows]
    _, numbers = np.unique(columns, axis=0, return_inverse=True)
    order = np.argsort(numbers.ravel(), kind="stable")
    return iter(np.split(rows[order], np.flatnonzero(np.diff(numbers.ravel()[order])) + 1))
