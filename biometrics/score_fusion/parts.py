"""Parts of a fusion model, and how they are read from and written to JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.mixture import Floats, GaussianMixture
from biometrics.score_fusion.scale import ScoreScale


@dataclass(frozen=True, slots=True)
class Fused:
    """Fused evidence of n rows.

    Args:
        llr: log10 LR, shape (n,); 0 where nothing was compared.
        fmr: FMR at that LLR on the validation data, shape (n,), 0–1; 1 where nothing was compared.
    """

    llr: Floats
    fmr: Floats


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a model was fitted on, how, and how well.

    Args:
        source: the data set.
        date: ISO 8601 day of the fit.
        command: the command that fitted it.
        mated_count: mated comparisons it was fitted on.
        non_mated_count: non-mated comparisons it was fitted on.
        subject_count: people they came from.
        folds: number of sets of subjects left out in turn to calibrate.
        cllr: Cllr of all scores together, in bits, on the sets left out.
        min_cllr: minCllr of the same.
    """

    source: str
    date: str
    command: str
    mated_count: int
    non_mated_count: int
    subject_count: int
    folds: int
    cllr: float
    min_cllr: float


@contextmanager
def refused() -> Iterator[None]:
    """Turn any exception from reading a text that is not a model into ConfigurationInvalid."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, np.linalg.LinAlgError) as error:
        raise ConfigurationInvalid(
            "This is no fusion model. Fit one with `biofusion fusion fit`, and send its file as it is."
        ) from error


def content_of(text: str, version: str) -> dict[str, Any]:
    """Parse the JSON of a model; ConfigurationInvalid if it is not a model, or of another version."""
    with refused():
        content: dict[str, Any] = json.loads(text)
        found = content["format"]
    if found != version:
        raise ConfigurationInvalid(
            f"The fusion model has format {found!s:.40}, and {version} is read. Fit it again by `biofusion fusion fit`."
        )
    return content


def plain(mixture: GaussianMixture) -> dict[str, Any]:
    """A mixture as lists of numbers, for JSON."""
    return {name: getattr(mixture, name).tolist() for name in ("weights", "means", "covariances")}


def curve_of(fields: dict[str, Any]) -> tuple[Floats, Floats]:
    """Read a curve; ValueError if it does not rise."""
    at, ratio = finite(fields["at"]), finite(fields["log10_ratio"])
    if at.shape != ratio.shape or (np.diff(at) <= 0.0).any() or (np.diff(ratio) < 0.0).any():
        raise ValueError("a curve does not rise")
    return at, ratio


def finite(values: object) -> Floats:
    """The values as a float64 array; ValueError if it is empty or a value is not finite."""
    array = np.asarray(values, np.float64)
    if not (array.size and np.isfinite(array).all()):
        raise ValueError("values must be finite")
    return array


def scale_of(fields: dict[str, Any]) -> ScoreScale:
    """Read a scale; ValueError if its values contradict each other."""
    scale = ScoreScale(**fields)
    finite([scale.low, scale.high, scale.knee, scale.floor, scale.centre, scale.spread])
    if not (scale.low < scale.high and scale.knee >= 0.0 and scale.spread > 0.0):
        raise ValueError("a scale is empty")
    return scale


def mixture_of(fields: dict[str, Any]) -> GaussianMixture:
    """Read a mixture; ValueError or LinAlgError if shapes, weights or covariances are not valid."""
    mixture = GaussianMixture(*(finite(fields[name]) for name in ("weights", "means", "covariances")))
    count, dimensions = mixture.means.shape
    if mixture.weights.shape != (count,) or mixture.covariances.shape != (count, dimensions, dimensions):
        raise ValueError("a mixture's shapes differ")
    np.linalg.cholesky(mixture.covariances)
    if mixture.weights.min() <= 0.0:
        raise ValueError("a weight is not positive")
    return mixture


def provenance_of(fields: dict[str, Any]) -> Provenance:
    """Read a provenance; ValueError if it has no mated or no non-mated comparison."""
    provenance = Provenance(**fields)
    if min(provenance.mated_count, provenance.non_mated_count) < 1:
        raise ValueError("nothing was fitted on")
    return provenance
