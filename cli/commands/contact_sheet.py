"""`biofusion contact-sheet`: draw what is found in every image of a folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from biometrics.errors import AcquisitionFailed, FieldInvalid, InvalidInput
from biometrics.quality import Quality
from biometrics.template import Modality, Position
from cli.local.modalities import draw, extractor, modality_option, read_image
from cli.output.cells import Cell, thumbnail, write_pages
from cli.output.failures import MATCH
from cli.output.output import json_option, print_json, progress_bar
from services.extraction import Extractor

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k")
)


@dataclass(frozen=True, slots=True)
class Tried:
    """The result of extracting one file.

    Args:
        name: path below the folder.
        picture: JPEG of the overlay, or of the image where nothing was found; empty where it cannot be decoded.
        quality: quality of the sample; None where extraction failed.
        failure: reason of the error; empty where extraction succeeded.
    """

    name: str
    picture: bytes = field(repr=False)
    quality: Quality | None
    failure: str = ""

    @property
    def rank(self) -> tuple[float, str, str]:
        """Sort key: failures first, by reason; then the others by rising quality."""
        return (self.quality.value if self.quality else -1.0, self.failure, self.name)

    def cell(self) -> Cell:
        """Picture and lines of text for the sheet."""
        if self.quality is None:
            return Cell(self.picture, (self.name, self.failure), alarm=True)
        said = " ".join((f"{self.quality.value:.0f}", *self.quality.reasons))
        return Cell(self.picture, (self.name, said), alarm=False)

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON values."""
        if self.quality is None:
            return {"file": self.name, "failure": self.failure}
        return {"file": self.name, "quality": round(self.quality.value, 1), "reasons": list(self.quality.reasons)}


@click.command("contact-sheet")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@modality_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PNG file; further pages get -2, -3, ….")
@click.option("--dpi", type=float, help="Resolution of fingerprints, 250 to 1000; default: as the file says, else 500.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, type=click.IntRange(1), help="Threads.")
@json_option
def command(folder: Path, *, modality: Modality, out: Path, dpi: float | None, workers: int, as_json: bool) -> int:
    """Draw what is found in every image of FOLDER and the folders in it: failures first, then by quality.

    A page has 36 images, each with its name, and its quality and reasons or the name of its failure. The pages
    show the images, so they are biometric data. Works without a server.
    """
    with progress_bar() as progress:
        tried = try_all(folder, extractor(modality), dpi, workers, lambda *counts: progress("extract", *counts))
    pages = write_pages(out, [each.cell() for each in tried])
    if as_json:
        print_json({"images": [each.to_dict() for each in tried], "pages": [str(page) for page in pages]})
    else:
        click.echo(summary(tried))
        click.echo(f"Written to {pages[0]}" + (f" … {pages[-1]}." if pages[1:] else "."))
    return MATCH


def try_all(
    folder: Path, parts: Extractor[Any], dpi: float | None, workers: int, progress: Callable[[int, int], None]
) -> list[Tried]:
    """Extract every image below a folder, `workers` at a time; failures first, then by rising quality.

    Raises:
        FieldInvalid: the folder contains no image.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise FieldInvalid("FOLDER", f"{folder} holds no image file ({', '.join(sorted(SUFFIXES))}).")
    with ThreadPoolExecutor(workers) as executor:
        running = executor.map(lambda path: _try(path, str(path.relative_to(folder)), parts, dpi), paths)
        return sorted(_counted(running, len(paths), progress), key=lambda each: each.rank)


def _counted(each: Iterable[Tried], total: int, progress: Callable[[int, int], None]) -> Iterable[Tried]:
    progress(0, total)
    for done, tried in enumerate(each, 1):
        progress(done, total)
        yield tried


def _try(path: Path, name: str, parts: Extractor[Any], dpi: float | None) -> Tried:
    picture = b""
    try:
        image, position = read_image(parts.modality, Position.UNKNOWN, path, dpi)
        picture = thumbnail(image.rgb)
        found = parts.extract(image, position)
    except (AcquisitionFailed, InvalidInput) as error:
        return Tried(name, picture, None, error.reason)
    return Tried(name, thumbnail(draw(parts.modality, image, found.details)), found.quality)


def summary(tried: Sequence[Tried]) -> str:
    """The number of failures by reason, and the range and median of the other images' quality, as text."""
    failures = Counter(each.failure for each in tried if each.failure)
    values = [each.quality.value for each in tried if each.quality]
    lines = [f"{len(tried)} images, {failures.total()} refused", *(f"{n} {why}" for why, n in failures.most_common())]
    if values:
        lines.append(f"quality {min(values):.0f}–{max(values):.0f}, median {np.median(values):.0f}")
    return "; ".join(lines) + "."
