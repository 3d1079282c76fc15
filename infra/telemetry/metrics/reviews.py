"""Metrics of review cases."""

from __future__ import annotations

from infra.telemetry.instruments import Counter, Histogram, Observed

WAITING = Observed(
    "biofusion_review_cases", "Review cases that have not ended, by state, counted once a minute.", ("state",)
)
OLDEST_S = Observed(
    "biofusion_review_oldest_seconds",
    "Age of the oldest of the cases that are due first in each state and priority, seconds; found once a minute.",
)
VERDICTS = Counter("biofusion_review_verdicts_total", "Verdicts given, by role and verdict.", ("role", "verdict"))
ENDED = Histogram(
    "biofusion_review_seconds",
    "Time from the opening of a case to its resolution, seconds, by resolution.",
    (60.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 12 * 3600.0, 24 * 3600.0, 72 * 3600.0, 168 * 3600.0),
    ("resolution",),
)
