"""What a run says of itself."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.parts import Provenance


def as_typed(name: str, scores: Path, *options: str) -> str:
    """The command, with file names for paths."""
    return shlex.join(["biofusion", "fusion", name, scores.name, *options])


def provenance(source: str, command: str, folds: int) -> Provenance:
    """Of a fit that starts today; the fit fills in counts and losses."""
    return Provenance(source, datetime.now(UTC).date().isoformat(), command, 0, 0, 0, folds, 0.0, 0.0)


def read_model(path: Path) -> ScoreFusion:
    """Read a model as `fit` wrote it.

    Raises:
        ConfigurationInvalid: it cannot be read, or is none.
    """
    try:
        return ScoreFusion.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(f"{path.name} cannot be read as a fusion model ({type(error).__name__}).") from error
