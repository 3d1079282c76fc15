"""Compiles the comparators before anything is timed or under a deadline."""

from __future__ import annotations

from biometrics.template import Modality, Position
from cli.modalities import comparator, extractor
from evaluation.rendered_eyes import render_eye
from infra.image import Image, decode
from infra.models import asset


def warm_up() -> None:
    """Compare one demo image of each modality with itself.

    Raises:
        ModelUnavailable, ModelCorrupt: a model or a demo image is not in the cache.
    """
    images = {
        Modality.FACE: decode(asset("portrait-hopper")),
        Modality.FINGERPRINT: decode(asset("finger-1")),
        Modality.IRIS: Image(render_eye(1, 1)),
    }
    for modality, image in images.items():
        found, judge = extractor(modality).extract(image, Position.UNKNOWN), comparator(modality)
        stack = judge.stack([found.template])
        judge.compare(stack, stack)
