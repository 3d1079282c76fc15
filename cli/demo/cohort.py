"""The people of a trial: the references to enrol and the probes to identify."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position


@dataclass(frozen=True, slots=True)
class Capture:
    """An image file that is sent as a sample.

    Args:
        modality: modality of the sample.
        position: position of the sample.
        path: path of the image.
        dpi: resolution to state, or None to state none.
    """

    modality: Modality
    position: Position
    path: Path
    dpi: float | None = None

    def sample(self) -> Sample:
        """Read the file."""
        return Sample(self.modality, self.position, EncodedImage(self.path.read_bytes(), self.dpi))


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the cohort.

    Args:
        subject_id: opaque id.
        references: captures to enrol; empty for a stranger.
        probes: sets of captures; each set is identified on its own.
    """

    subject_id: str
    references: tuple[Capture, ...]
    probes: tuple[tuple[Capture, ...], ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """All people of a trial.

    Args:
        known: people who are enrolled.
        strangers: people who are not.
        note: remark for the reader on where the people come from.
    """

    known: tuple[Member, ...]
    strangers: tuple[Member, ...]
    note: str
