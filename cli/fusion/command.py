"""`biofusion fusion`: the group of commands on fusion models."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "fit": ("cli.fusion.fit", "Fit a fusion model to a table of scores."),
    "evaluate": ("cli.fusion.evaluate", "Measure a fusion model on a table of scores."),
    "explain": ("cli.fusion.explain", "Show the arithmetic of one decision."),
    "reach": ("cli.fusion.reach", "Show which samples can make a match, in how large a gallery."),
}


@click.group("fusion", cls=LazyGroup, table=COMMANDS)
def command() -> None:
    """Fuse scores of several comparators into one calibrated decision."""
