"""DET curves on normal-deviate axes, error-versus-reject curves. Needs the `evaluation` extra (matplotlib, scipy)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from biometrics.errors import ConfigurationInvalid
from evaluation.metrics.rejection import RejectCurve
from evaluation.metrics.verification import ErrorCurve, Floats, det_points
from infra.extras import missing

TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.4)
NO_ERRORS = "no errors: every mated comparison scores above all others"


def check_installed() -> None:
    """Check that plots can be drawn.

    Raises:
        ConfigurationInvalid: matplotlib or scipy is not installed.
    """
    for package in ("matplotlib", "scipy"):
        if find_spec(package) is None:
            raise ConfigurationInvalid(missing(package, "evaluation"))


def plot_det(path: Path, curve: ErrorCurve, title: str) -> None:
    """Draw one DET curve: FMR on the x axis, FNMR on the y axis, both by normal deviate, with the line of equal rates.

    Rates of 0 cannot be drawn; the curve ends at one error. Where no threshold has errors, the plot says so.

    Args:
        path: PNG to write.
        curve: curve of any length; it is thinned.
        title: title above the plot.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # an optional package
    from scipy.special import ndtri  # noqa: PLC0415  # an optional package

    fmr, fnmr = det_points(curve)
    figure = Figure(figsize=(6.0, 6.0), layout="constrained")
    axes = figure.subplots()
    axes.plot(ndtri(_inside(fmr)), ndtri(_inside(fnmr)), drawstyle="steps-post")
    if not np.any((fmr > 0) & (fnmr > 0)):
        axes.text(0.5, 0.5, NO_ERRORS, transform=axes.transAxes, ha="center", backgroundcolor="w")
    axes.axline((0.0, 0.0), slope=1.0, color="0.7", linewidth=0.8, linestyle="--")
    lows = [min(1.0 / count, 1e-2) / 3.0 for count in (curve.non_mated_count, curve.mated_count)]
    axes.set(xlim=ndtri((lows[0], 0.5)), ylim=ndtri((lows[1], 0.5)), title=title)
    axes.set(xlabel="False match rate", ylabel="False non-match rate")
    for axis, low in zip((axes.xaxis, axes.yaxis), lows, strict=True):
        ticks = [tick for tick in TICKS if tick >= low]
        axis.set_ticks(ndtri(ticks), [f"{100 * tick:g} %" for tick in ticks])
    axes.tick_params(axis="x", labelrotation=45.0)
    axes.grid(visible=True, linewidth=0.3)
    figure.savefig(path, format="png", dpi=120)


def plot_edc(path: Path, curve: RejectCurve, title: str) -> None:
    """Draw an error-versus-reject curve, with the line of an ideal quality that rejects failing comparisons first.

    Args:
        path: PNG to write.
        curve: curve of any length.
        title: title above the plot.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # an optional package

    figure = Figure(figsize=(6.0, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(100 * curve.rejected, 100 * curve.fnmr, drawstyle="steps-post", label="by quality")
    start = 100 * float(curve.fnmr[0])
    axes.plot([0.0, start], [start, 0.0], color="0.7", linewidth=0.8, linestyle="--", label="best possible")
    axes.axhline(start, color="0.7", linewidth=0.8, linestyle=":", label="at random")
    axes.set(xlim=(0.0, 50.0), ylim=(0.0, max(1.5 * start, 1.0)), title=title)
    axes.set(xlabel="Mated comparisons rejected, %", ylabel=f"FNMR at score {curve.threshold:.3g}, %")
    axes.grid(visible=True, linewidth=0.3)
    axes.legend()
    figure.savefig(path, format="png", dpi=120)


def _inside(rates: Floats) -> Floats:
    """Rates moved off 0 and 1, where the normal deviate is infinite."""
    return np.clip(rates, 1e-9, 1.0 - 1e-9)
