"""What the kinds of jobs work with."""

from __future__ import annotations

from dataclasses import dataclass

from fusion.duplicates.guard import DuplicateGuard
from fusion.jobs.folders import JobFolders
from fusion.jobs.job_rows import JobRows
from fusion.models.model import FusionModel
from fusion.samples.probes import Matchers
from fusion.samples.quality_gate import MinQuality
from gallery.store.port import SubjectStore

TIMEOUT_S = 60.0
"""Time, in seconds, for one row at the services."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Ports and rules.

    Args:
        store: of enrolled subjects.
        matchers: the matching services.
        model: the built-in fusion model.
        min_quality: the lowest quality that is enrolled, 0–100, by modality.
        guard: searches for duplicates of those who are enrolled.
        folders: that jobs may read from and write to.
        rows: of jobs, for what a summary counts.
        files_at_once: rows of imports with samples in files that are worked on at once, of all parts in hand.
    """

    store: SubjectStore
    matchers: Matchers
    model: FusionModel
    min_quality: MinQuality
    guard: DuplicateGuard
    folders: JobFolders
    rows: JobRows
    files_at_once: int = 16
