"""The picture of the plan: shares of MATCH and of REVIEW against the size of the gallery."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from biometrics.calibration.curves import Floats
from evaluation.report.plots import check_installed
from fusion.models.model import FusionModel
from studies.capacity.answers.curves import Curves
from studies.capacity.answers.people import REQUESTS
from studies.capacity.answers.rates import Simulation

SUBJECTS = np.unique(np.geomspace(1e3, 1e9, 49).round().astype(np.int64))
Series = Mapping[str, Floats]
"""Shares of MATCH and REVIEW by samples, shape (2, sizes)."""


def series(curves: Curves, model: FusionModel, people: int, fpir: float) -> Series:
    """The shares of each request, at `SUBJECTS`."""
    found = {}
    for samples in REQUESTS:
        simulation = Simulation(samples, curves, model, people, replicates=0)
        rates = [simulation.rates(int(subjects), fpir) for subjects in SUBJECTS]
        found[samples.name] = np.array([[each.match for each in rates], [each.review for each in rates]])
    return found


def draw_picture(path: Path, shares: Series, fpir: float) -> None:
    """Write the picture as SVG; the same shares give the same file.

    Raises:
        ConfigurationInvalid: matplotlib or scipy is not installed.
    """
    check_installed()
    import matplotlib as mpl  # noqa: PLC0415  # an optional package
    from matplotlib.figure import Figure  # noqa: PLC0415  # an optional package

    with mpl.rc_context({"svg.hashsalt": "capacity", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8.0, 4.2), layout="constrained")
        both = figure.subplots(1, 2, sharex=True)
        for axes, name, place in zip(both, ("MATCH", "REVIEW"), (0, 1), strict=True):
            for samples, values in shares.items():
                axes.plot(SUBJECTS, 100.0 * values[place], drawstyle="steps-mid", label=samples, linewidth=1.4)
            axes.set(xscale="log", ylim=(-2.0, 102.0), xlabel="subjects", ylabel=f"{name}, % of enrolled people")
            axes.grid(visible=True, linewidth=0.3)
        figure.legend(*both[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
        figure.suptitle(f"FPIR {fpir:g}")
        figure.savefig(path, format="svg", metadata={"Date": None})
