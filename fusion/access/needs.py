"""The least evidence that a gallery asks for before anybody is verified or identified in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from biometrics.template import Modality, Position

Counts = Mapping[str, int]
"""By modality: the number of different positions, where all samples of unknown position are one."""

ANY = "any"
"""In an alternative: the number over all modalities."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Alternatives, of which one must be met.

    Args:
        alternatives: each the least count by modality, in lower case, or by `any`. At least one.
    """

    alternatives: tuple[tuple[tuple[str, int], ...], ...]

    def met_by(self, counts: Counts) -> bool:
        """Whether these samples are enough."""
        have = {**{each.lower(): count for each, count in counts.items()}, ANY: sum(counts.values())}
        return any(all(have.get(kind, 0) >= least for kind, least in each) for each in self.alternatives)

    def __str__(self) -> str:
        return " or ".join(" and ".join(f"{least} × {kind}" for kind, least in each) for each in self.alternatives)


def counted(positions: Iterable[tuple[Modality, Position]]) -> dict[str, int]:
    """How many different positions there are of each modality. A second sample of one position is no more evidence."""
    found: dict[str, set[Position]] = defaultdict(set)
    for modality, position in positions:
        found[modality].add(position)
    return {modality: len(each - {Position.UNKNOWN}) or 1 for modality, each in found.items()}


def told(counts: Counts) -> str:
    """The counts in words."""
    return ", ".join(f"{count} × {each.lower()}" for each, count in sorted(counts.items()) if count) or "nothing"
