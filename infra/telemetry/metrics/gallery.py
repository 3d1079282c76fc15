"""Metrics of the gallery in memory, of the models that compare it, and of samples."""

from __future__ import annotations

from infra.telemetry.instruments import Histogram, Observed

_OF = ("service",)

SUBJECTS = Observed("biofusion_index_subjects", "Subjects that are searched, in all galleries together.", _OF)
READY = Observed("biofusion_index_ready", "1 if the gallery is in memory and follows the store, else 0.", _OF)
BEHIND_S = Observed(
    "biofusion_index_behind_seconds",
    "Seconds since the index last had every change of the store; up to 10 while nothing changes.",
    _OF,
)
BYTES = Observed("biofusion_index_bytes", "Memory of the arrays of the index in this process, bytes.", _OF)
SKIPPED = Observed(
    "biofusion_index_skipped_references", "References that no comparator accepts, e.g. of an older model.", _OF
)
UNREADABLE = Observed("biofusion_index_unreadable_subjects", "Subjects that the store could not read.", _OF)
PASSES = Observed(
    "biofusion_search_passes_total", "Passes over the index; searches that wait share one.", _OF, is_total=True
)
SEARCHES = Observed("biofusion_searches_total", "Searches answered; by passes: the batch size.", _OF, is_total=True)
BACKLOG = Observed("biofusion_work_waiting", "Pieces of work that wait for a thread.", _OF)
MODEL = Observed(
    "biofusion_model_info",
    "Always 1: a model that is compared, the comparator, and the day its calibration was fitted.",
    ("service", "model_id", "comparator_id", "calibration_date"),
)
QUALITY = Histogram(
    "biofusion_sample_quality",
    "Quality, 0–100, of the images that templates were extracted from.",
    (10, 20, 30, 40, 50, 60, 70, 80, 90),
    _OF,
)
