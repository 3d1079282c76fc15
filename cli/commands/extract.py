"""`biofusion extract`: print what is found in an image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from biometrics.template import Modality, Position
from cli.local.modalities import details_to_wire, draw, extract, extractor, modality_option
from cli.output.failures import MATCH
from cli.output.output import print_json, to_dict
from infra.images.decode import Image
from infra.wire.convert import quality_to_wire
from services.extraction import Extraction


@click.command("extract")
@click.argument("file", type=click.Path(path_type=Path))
@modality_option
@click.option("--position", default="UNKNOWN", show_default=True, type=click.Choice([*Position], case_sensitive=False))
@click.option(
    "--dpi", type=float, help="Resolution of a fingerprint, 250 to 1000; default: as the file says, else 500."
)
@click.option("--overlay", type=click.Path(path_type=Path), help="PNG file to draw what was found into.")
@click.option("--template", type=click.Path(path_type=Path), help="File to write the template into. Biometric data.")
@click.option("--json", "as_json", is_flag=True, help="JSON is what is printed anyhow.")
def command(
    file: Path,
    *,
    modality: Modality,
    position: str,
    dpi: float | None,
    overlay: Path | None,
    template: Path | None,
    as_json: bool,  # noqa: ARG001  # accepted so that every command takes --json
) -> int:
    """Print what is found in the image FILE, as JSON. Works without a server."""
    image, found = extract(extractor(modality), file, Position(position), dpi)
    if overlay:
        _write_overlay(overlay, modality, image, found)
    if template:
        template.touch(mode=0o600)
        template.write_bytes(found.template.data)
    print_json(describe(modality, found))
    return MATCH


def describe(modality: Modality, found: Extraction[Any]) -> dict[str, Any]:
    """Model, quality and details of an extraction as JSON values, without the template."""
    return {
        "modality": modality.value,
        "modelId": found.template.model_id,
        "templateBytes": len(found.template.data),
        "quality": to_dict(quality_to_wire(found.quality)),
        "details": to_dict(details_to_wire(modality, found.details)),
    }


def _write_overlay(path: Path, modality: Modality, image: Image, found: Extraction[Any]) -> None:
    from PIL import Image as Pillow  # noqa: PLC0415  # only an overlay needs it

    Pillow.fromarray(draw(modality, image, found.details)).save(path, "PNG")
