"""What a run says of itself."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

from biometrics.score_fusion_parts import Provenance


def as_typed(name: str, scores: Path, *options: str) -> str:
    """The command, with file names for paths."""
    return shlex.join(["biofusion", "fusion", name, scores.name, *options])


def provenance(source: str, command: str, folds: int) -> Provenance:
    """Of a fit that starts today; the fit fills in counts and losses."""
    return Provenance(source, datetime.now(UTC).date().isoformat(), command, 0, 0, 0, folds, 0.0, 0.0)
