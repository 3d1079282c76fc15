"""Bytes, machines and cost of galleries, computed from figures (`figures.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from biometrics.template import Modality
from studies.capacity.needs.figures import COUNTS, Figures, of, per_subject

GB = 1e9
HOURS = 730.0
"""Hours of a month."""


@dataclass(frozen=True, slots=True)
class Node:
    """A machine, and what is asked of it.

    Args:
        cores: of each machine.
        memory_gb: of each machine, 10^9 bytes.
        memory_share: share of the memory that an index or a store may fill, 0–1.
        busy_share: share of the cores' time that searches may take, 0–1.
        latency_s: seconds within which a search is to answer; half of it is left for waiting and gathering.
        replicas: copies of everything. Each can carry the whole rate alone.
        core_hour: price of a core for an hour.
        memory_month: price of a GB of memory for a month.
        disk_month: price of a GB on disk for a month.
    """

    cores: int = 16
    memory_gb: float = 64.0
    memory_share: float = 0.8
    busy_share: float = 0.6
    latency_s: float = 1.0
    replicas: int = 2
    core_hour: float = 0.03
    memory_month: float = 2.5
    disk_month: float = 0.1

    @property
    def month(self) -> float:
        """Price of the machine for a month."""
        return self.cores * HOURS * self.core_hour + self.memory_gb * self.memory_month

    def for_memory(self, size: float) -> int:
        """Machines that hold this many bytes, at least one."""
        return max(1, ceil(size / (self.memory_gb * GB * self.memory_share)))


def core_seconds(figures: Figures, counts: Mapping[Modality, int], subjects: float) -> float:
    """Seconds of a core that the searches of one identification take, each over all subjects."""
    return sum(count * subjects / of(figures, "search_rate", modality) for modality, count in counts.items())


def for_searches(figures: Figures, counts: Mapping[Modality, int], subjects: float, rate: float, node: Node) -> int:
    """Machines of one copy that carry `rate` identifications a second, each within the latency."""
    seconds = core_seconds(figures, counts, subjects)
    cores = max(rate * seconds / node.busy_share, seconds / (node.latency_s / 2.0))
    return max(1, ceil(cores / node.cores))


def machines(
    figures: Figures,
    counts: Mapping[Modality, int],
    subjects: float,
    rate: float,
    node: Node,
    index: str = "index_bytes",
) -> int:
    """Machines of all copies that hold the indexes of all modalities, and carry the searches.

    Args:
        figures: measured.
        counts: positions that a request is searched with, by modality.
        subjects: in the gallery.
        rate: identifications a second.
        node: a machine.
        index: name of the figure of bytes of an index for each reference.
    """
    memory = node.for_memory(subjects * per_subject(figures, index))
    return node.replicas * max(memory, for_searches(figures, counts, subjects, rate, node))


def store_bytes(figures: Figures) -> dict[str, float]:
    """Bytes of one subject in a store, by what they are for; without what a database adds."""
    parts = {f"sealed {modality.lower()}": of(figures, "sealed_bytes", modality) for modality in COUNTS}
    rows = {"head, encounter, galleries": "subject_row_bytes", "feed and receipt": "write_row_bytes"}
    return {**parts, **{what: figures[name].value for what, name in rows.items()}}
