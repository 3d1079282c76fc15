"""Attempts against fingers or eyes that are enrolled by several impressions each (impressions.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.template import Template
from studies.references.impression_kinds import FINGERPRINTS, Changes, Kind

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attempts:
    """Scores of attempts against enrolled fingers.

    Args:
        mated: float64, shape (attempts, k): scores of mated probes with each of the k references.
        non_mated: float64, shape (attempts, k): scores of non-mated probes.
    """

    mated: Floats = field(repr=False)
    non_mated: Floats = field(repr=False)


def attempts(
    fingers: Sequence[Sequence[Template]], condition: str, k: int, widest: int, kind: Kind = FINGERPRINTS
) -> Attempts:
    """Compare probes with enrolled fingers by the protocol of impressions.py.

    Args:
        fingers: impressions of each finger.
        condition: a name in the kind's conditions.
        k: number of references of an enrolled finger.
        widest: the largest k in this measurement; the references of that k are never probes.
        kind: modality of the impressions.
    """
    prints, blocks = _blocks(fingers)
    probes, references = _worse(prints, kind, *kind.conditions[condition])
    scores = _scores(kind, probes, references)
    mated = [scores[np.ix_(block[widest:], block[:k])] for block in blocks]
    non_mated = [np.delete(scores[:, block[:k]], block, axis=0) for block in blocks]
    return Attempts(np.concatenate(mated), np.concatenate(non_mated))


def combined_attempts(
    fingers: Sequence[Sequence[Template]], condition: str, k: int, widest: int, kind: Kind
) -> Attempts:
    """The same attempts against one template combined from the k, float64 (attempts, 1); needs `kind.combined`."""
    assert kind.combined is not None
    prints, blocks = _blocks(fingers)
    probes, references = _worse(prints, kind, *kind.conditions[condition])
    enrolled = [kind.combined([references[number] for number in block[:k]]) for block in blocks]
    scores = _scores(kind, probes, enrolled)
    mated = [scores[block[widest:], [column]] for column, block in enumerate(blocks)]
    non_mated = [np.delete(scores[:, column], block) for column, block in enumerate(blocks)]
    return Attempts(np.concatenate(mated)[:, None], np.concatenate(non_mated)[:, None])


def _blocks(fingers: Sequence[Sequence[Template]]) -> tuple[list[Template], list[NDArray[np.intp]]]:
    """All impressions, and the numbers of each finger's impressions, rotated to begin at each one in turn."""
    ends = np.cumsum([len(impressions) for impressions in fingers])
    own = [np.arange(end - len(impressions), end) for end, impressions in zip(ends, fingers, strict=True)]
    blocks = [np.roll(numbers, -turn) for numbers in own for turn in range(len(numbers))]
    return [each for impressions in fingers for each in impressions], blocks


def _worse(
    prints: Sequence[Template], kind: Kind, of_probes: Changes, of_references: Changes
) -> tuple[list[Template], list[Template]]:
    """The impressions after the changes of probes, and after those of references."""
    return (
        [kind.perturbed(each, of_probes, 2 * number) for number, each in enumerate(prints)],
        [kind.perturbed(each, of_references, 2 * number + 1) for number, each in enumerate(prints)],
    )


def _scores(kind: Kind, probes: Sequence[Template], references: Sequence[Template]) -> Floats:
    comparator: Any = kind.comparator()
    scores: Scores = comparator.compare(comparator.stack(probes), comparator.stack(references))
    return scores.astype(np.float64)


def pooled(parts: Sequence[Attempts]) -> Attempts:
    """Concatenate the attempts of several sets."""
    return Attempts(*(np.concatenate([getattr(part, side) for part in parts]) for side in ("mated", "non_mated")))
