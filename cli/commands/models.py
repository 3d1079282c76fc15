"""`biofusion models`: fetch, verify and list the models; other commands fetch missing models from here too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import click
from rich.status import Status as Spinner
from rich.table import Table

from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json, remarks
from infra.models.supply import Report, Step, ensure_all, ensure_assets, ensure_scripts


@click.command("models")
@click.option("--assets", is_flag=True, help="Also the images that the demo uses, and the console's script.")
@json_option
def command(*, assets: bool, as_json: bool) -> int:
    """Fetch, verify and list the models. A second run fetches nothing."""
    reports = ensure_present(assets=assets)
    if as_json:
        print_json({"models": [_fields(report) for report in reports]})
    else:
        _show(reports)
    return MATCH


def ensure_present(*, assets: bool) -> list[Report]:
    """Fetch missing models and, with `assets`, missing images and scripts; progress goes to standard error.

    Raises:
        ModelUnavailable, ModelCorrupt: see `infra.models.supply.ensure_all`.
    """
    with _Progress() as tell:
        more = [*ensure_assets(tell), *ensure_scripts(tell)] if assets else []
        return [*ensure_all(tell), *more]


class _Progress(AbstractContextManager["_Progress"]):
    """A line on standard error with the current step; no line when nothing needs to be done."""

    def __init__(self) -> None:
        self._console = remarks()
        self._spinner = Spinner("", console=self._console)

    def __exit__(self, *_error: object) -> None:
        self._spinner.stop()

    def __call__(self, name: str, step: Step) -> None:
        self._spinner.start()
        self._spinner.update(f"{name}: {step} …")
        if step is Step.DONE or not self._console.is_terminal:
            self._console.print(f"{name}: {step}")


def _fields(report: Report) -> dict[str, str]:
    return {
        "name": report.name,
        "status": report.status.value,
        "licence": report.licence,
        "path": str(report.path),
    }


def _show(reports: Sequence[Report]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("name", "status", "licence", "path"):
        table.add_column(name, overflow="fold")
    for report in reports:
        table.add_row(*_fields(report).values())
    console().print(table)
