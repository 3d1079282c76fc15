"""DET curves on normal-deviate axes. Needs the `evaluation` extra (matplotlib, scipy)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from biometrics.errors import ConfigurationInvalid
from biometrics.metrics import ErrorCurve, det_points

TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.4)


def check_installed() -> None:
    """Return if plots can be drawn.

    Raises:
        ConfigurationInvalid: matplotlib or scipy is not installed.
    """
    if missing := [name for name in ("matplotlib", "scipy") if find_spec(name) is None]:
        raise ConfigurationInvalid(
            f"Plots need {' and '.join(missing)}. Install the extra: pip install 'biofusion[evaluation]'."
        )


def plot_det(path: Path, curve: ErrorCurve, title: str) -> None:
    """Draw one DET curve: FMR across, FNMR up, both on normal-deviate axes, with the EER line.

    Rates below 1 in the number of comparisons cannot be drawn; the curve ends there.

    Args:
        path: PNG to write.
        curve: of any length; it is thinned.
        title: above the plot.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # an optional package
    from scipy.special import ndtri  # noqa: PLC0415  # an optional package

    fmr, fnmr = det_points(curve)
    low = min(1.0 / curve.impostor_count, 1.0 / curve.genuine_count, 1e-2)
    ticks = [tick for tick in TICKS if tick >= low / 3.0]
    limits = ndtri((low / 3.0, 0.5))
    figure = Figure(figsize=(6.0, 6.0), layout="constrained")
    axes = figure.subplots()
    axes.plot(ndtri(np.clip(fmr, 1e-9, 1 - 1e-9)), ndtri(np.clip(fnmr, 1e-9, 1 - 1e-9)), drawstyle="steps-post")
    axes.plot(limits, limits, color="0.7", linewidth=0.8, linestyle="--", label="EER line")
    axes.set(xlim=limits, ylim=limits, xlabel="False match rate", ylabel="False non-match rate", title=title)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ndtri(ticks), [f"{100 * tick:g} %" for tick in ticks])
    axes.grid(visible=True, linewidth=0.3)
    axes.set_aspect("equal")
    figure.savefig(path, format="png", dpi=120)
