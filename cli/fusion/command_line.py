"""Provenance of a run: the command as typed, and reading the model it uses."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.parts import Provenance
from evaluation.data.file_faults import why


def as_typed(name: str, scores: Path, *options: str) -> str:
    """The command as typed, with paths shortened to file names."""
    return shlex.join(["biofusion", "fusion", name, scores.name, *options])


def provenance(source: str, command: str, folds: int) -> Provenance:
    """Provenance of a fit that starts today; the fit fills in counts and losses."""
    return Provenance(source, datetime.now(UTC).date().isoformat(), command, 0, 0, 0, folds, 0.0, 0.0)


def read_model(path: Path) -> ScoreFusion:
    """Read a model as `fit` wrote it.

    Raises:
        ConfigurationInvalid: the file cannot be read, or is no fusion model.
    """
    try:
        return ScoreFusion.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(
            f"{path.name or path} cannot be read as a fusion model ({why(error)}). State as --model the file that "
            "`biofusion fusion fit` wrote."
        ) from error
