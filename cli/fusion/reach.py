"""`biofusion fusion reach`: show which samples can make a match, in how large a gallery."""

from __future__ import annotations

import click
from rich.table import Table

from biometrics.template import Modality
from cli.output.output import console, json_option, print_json, to_dict
from fusion.configured import fusion_model
from fusion.models.reach import COUNTS, reaches
from fusion.wire.models import reach_to_wire
from infra.settings import Settings


@click.command("reach")
@json_option
def command(*, as_json: bool) -> None:
    """Show which samples can make a MATCH, and in how large a gallery.

    Good samples of so many positions, compared with one reference each, at the configured FPIR: what the people
    behind the shipped calibrations carry. GetFusionModel answers the same.
    """
    model = fusion_model(Settings.from_environment())
    found = list(reaches(model))
    if as_json:
        print_json({"reaches": [to_dict(reach_to_wire(each)) for each in found]})
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in (*(modality.lower() for modality in COUNTS), "LLR", "verified at FMR from", "gallery up to"):
        table.add_column(name, justify="right")
    for each in found:
        counts = (str(each.counts.get(modality, "–")) for modality in Modality)
        table.add_row(*counts, f"{each.llr:.2f}", f"{each.lowest_fmr:.1e}", f"{each.largest_gallery:,}")
    console().print(table)
    click.echo(
        f"FPIR {model.fpir:g} over the whole gallery; verifications are decided at FMR {model.fmr:g} by default."
    )
