"""Whom an enrolment adds, as far as a search for duplicates must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fusion.ranking.ranking import Asked
from fusion.ranking.search import LeftOut, left_out_of
from fusion.samples.probes import Probe
from gallery.subject import Missing, Subject


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who is being enrolled.

    Args:
        subject_id: the subject's id.
        galleries: all galleries that the subject will be in.
        probes: of the samples, all with templates, compared with each other.
        missing: positions without a sample.
        fpir: false positive identification rate of the search; None means the default.
        known: the subject as it is in the store; None if it is new.
    """

    subject_id: str
    galleries: tuple[str, ...]
    probes: Sequence[Probe]
    missing: tuple[Missing, ...]
    fpir: float | None = None
    known: Subject | None = None

    def left_out_of(self, gallery: str) -> tuple[LeftOut, ...]:
        """The subject itself, as it is no duplicate of its own."""
        return (left_out_of(gallery, self.known) if self.known else LeftOut(self.subject_id),)

    def asked(self, subject_count: int, gallery: str = "") -> Asked:
        """Parameters of a search among so many subjects, of which the person may be one."""
        own = self.known is not None and gallery in self.known.galleries
        return Asked(self.missing, self.fpir, None, max(0, subject_count - own))
