"""Extractor, comparator and drawing of each modality for use in this process, imported when needed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click
import numpy as np
from google.protobuf.message import Message
from numpy.typing import NDArray

from biometrics.comparison import Comparator
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position
from cli.output.sheet import beside
from infra.images.decode import Image, decode
from infra.images.guard.guard import guard
from infra.settings import Settings
from services.extraction import Extraction, Extractor

Extracted = tuple[Image, Extraction[Any]]
"""An image and its extraction."""

modality_option = click.option(
    "--modality",
    required=True,
    type=click.Choice([each.lower() for each in Modality]),
    callback=lambda _ctx, _param, value: Modality(value.upper()),
    help="What the images are of.",
)


def extractor(modality: Modality) -> Extractor[Any]:
    """The modality's extractor with its models loaded.

    Raises:
        ModelUnavailable, ModelCorrupt: a model cannot be loaded.
    """
    guard().warm()  # while the models are loaded
    if modality is Modality.FACE:
        return _module(modality, "networks").extractor(Settings.from_environment())  # type: ignore[no-any-return]  # imported by name
    loaded: Extractor[Any] = getattr(_module(modality, "extractor"), f"{modality.capitalize()}Extractor").load()
    return loaded


def comparator(modality: Modality) -> Comparator[Any]:
    """The modality's comparator."""
    if modality is Modality.FACE:
        return _module(modality, "networks").comparator(Settings.from_environment())  # type: ignore[no-any-return]  # imported by name
    made: Comparator[Any] = getattr(_module(modality, "comparator"), f"{modality.capitalize()}Comparator")()
    return made


def details_to_wire(modality: Modality, details: Any) -> Message:
    """The details of an extraction as the service's protobuf message."""
    message: Message = _module(modality, "convert").details_to_wire(details)
    return message


def draw(modality: Modality, image: Image, details: Any) -> NDArray[np.uint8]:
    """The details of an extraction drawn over the image: RGB, uint8 (height, width, 3)."""
    drawn: NDArray[np.uint8] = _module(modality, "drawing.overlay").draw(image.enlarged, details)
    return drawn


def draw_comparison(judge: Any, found: tuple[Extracted, Extracted]) -> tuple[NDArray[np.uint8], list[str]]:
    """Two samples drawn side by side, RGB, uint8 (height, width, 3), and lines of text about them.

    Fingerprints are drawn with the minutiae that the comparator paired; other samples with their details.

    Args:
        judge: comparator of the samples' modality.
        found: the two samples.
    """
    (first, probe), (second, reference) = found
    if judge.modality is not Modality.FINGERPRINT:
        return beside(draw(judge.modality, first, probe.details), draw(judge.modality, second, reference.details)), []
    pairs = judge.pairing(probe.template, reference.template).pairs
    drawn = _module(judge.modality, "drawing.pair_drawing").draw_pair((first, second), (probe, reference), pairs)
    of_probe, of_reference = (len(each.details.minutiae) for each in (probe, reference))
    return drawn, [f"{len(pairs.probe)} of {of_probe} and {of_reference} minutiae paired"]


def read_image(modality: Modality, position: Position, path: Path, dpi: float | None) -> tuple[Image, Position]:
    """Read and decode a file as the modality's service would.

    Raises:
        OSError: the file cannot be read.
        InvalidInput: it is no image of an accepted format, or the position or resolution is invalid.
    """
    sample = Sample(modality, position, EncodedImage(path.read_bytes(), dpi))
    return decode(path.read_bytes()).stated(dpi), sample.position


def extract(parts: Extractor[Any], path: Path, position: Position, dpi: float | None) -> Extracted:
    """Read a file and extract its template."""
    image, position = read_image(parts.modality, position, path, dpi)
    return image, parts.extract(image, position)


def _module(modality: Modality, name: str) -> Any:
    return import_module(f"services.{modality.lower()}.{name}")
