"""Fusion models written and read as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np

from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.mixture import GaussianMixture
from biometrics.score_fusion.pattern import PatternCalibration
from biometrics.score_fusion.read_parts import curve_of, mixture_of, pattern_of, provenance_of, scale_of

FORMAT = "biofusion-score-fusion-2"
"""Name of the JSON format. A file of another one is refused."""


def text_of(fields: Mapping[str, Any]) -> str:
    """Stable text of the fields of a `ScoreFusion`: the same fields give the same bytes."""
    patterns: Mapping[int, PatternCalibration] = fields["patterns"]
    named = zip(fields["comparators"], fields["scales"], fields["curves"], strict=True)
    content = {
        "format": FORMAT,
        "comparators": [
            {"name": name, "scale": asdict(scale), "curve": {"at": at.tolist(), "log10_ratio": ratio.tolist()}}
            for name, scale, (at, ratio) in named
        ],
        "uses_quality": fields["uses_quality"],
        "mated": [_plain(each) for each in fields["mated"]],
        "non_mated": [_plain(each) for each in fields["non_mated"]],
        "patterns": {str(pattern): asdict(patterns[pattern]) for pattern in sorted(patterns)},
        "provenance": asdict(fields["provenance"]),
    }
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


@contextmanager
def refused() -> Iterator[None]:
    """Turn any exception from reading a text that is not a model into ConfigurationInvalid."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, np.linalg.LinAlgError) as error:
        raise ConfigurationInvalid(
            "This is no fusion model. Fit one with `biofusion fusion fit`, and send its file as it is."
        ) from error


def content_of(text: str) -> dict[str, Any]:
    """Parse the JSON of a model; ConfigurationInvalid if it is not a model, or of another format."""
    with refused():
        content: dict[str, Any] = json.loads(text)
        found = content["format"]
    if found != FORMAT:
        raise ConfigurationInvalid(
            f"The fusion model has format {found!s:.40}, and {FORMAT} is read. Fit it again by `biofusion fusion fit`."
        )
    return content


def fields_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the `ScoreFusion` that has this content; an exception that `refused` turns if one is not valid."""
    comparators = content["comparators"]
    return {
        "comparators": tuple(str(each["name"]) for each in comparators),
        "scales": tuple(scale_of(each["scale"]) for each in comparators),
        "mated": tuple(map(mixture_of, content["mated"])),
        "non_mated": tuple(map(mixture_of, content["non_mated"])),
        "curves": tuple(curve_of(each["curve"]) for each in comparators),
        "patterns": {int(pattern): pattern_of(each) for pattern, each in content["patterns"].items()},
        "uses_quality": bool(content["uses_quality"]),
        "provenance": provenance_of(content["provenance"]),
    }


def _plain(mixture: GaussianMixture) -> dict[str, Any]:
    """A mixture as lists of numbers, for JSON."""
    return {name: getattr(mixture, name).tolist() for name in ("weights", "means", "covariances")}
