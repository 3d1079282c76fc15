"""Figures as inline SVG in one style, with axes of error rates and no external references.

matplotlib and scipy are in the `evaluation` extra.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike

from evaluation.metrics.verification import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

INK = "#1b1f24"
SOFT = "#6b7280"
MATED = "#0072b2"
NON_MATED = "#d55e00"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4f88", "#56b4e9", "#b8860b")
"""Colours of comparators, distinguishable with colour vision deficiency (Okabe and Ito, two of them darker)."""
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))

STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "biofusion",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.labelsize": 9.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": "#9aa1ab",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e7eb",
    "grid.linewidth": 0.6,
    "xtick.color": "#9aa1ab",
    "ytick.color": "#9aa1ab",
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "text.color": INK,
    "lines.linewidth": 1.5,
}
TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95)

LONGEST = 28
"""Most characters of a name in a figure."""
LEGEND_WIDTH = 132
"""Characters that fit into one line of a legend, including the line sample of each entry."""

Paint = Callable[[list["Axes"]], None]
"""Draws into the panels of a figure, row by row."""


def draw(paint: Paint, shown: str, *, width: float = 8.8, height: float = 4.2, grid: tuple[int, int] = (1, 1)) -> str:
    """One figure as an `<svg>` element.

    Args:
        paint: draws into its panels.
        shown: text alternative for readers who cannot see it.
        width: inches.
        height: inches.
        grid: rows and columns of panels.
    """
    from matplotlib import rc_context  # noqa: PLC0415  # an optional package
    from matplotlib.figure import Figure  # noqa: PLC0415  # an optional package

    with rc_context(STYLE), catch_warnings():
        filterwarnings("ignore", "Glyph .* missing from font")  # text stays text and is drawn by the reader's fonts
        figure = Figure(figsize=(width, height), layout="constrained")
        panels = figure.subplots(*grid, squeeze=False).ravel().tolist()
        paint(panels)
        for panel in panels:
            if not panel.has_data():
                panel.remove()
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(text.getvalue(), shown)


def _inline(svg: str, shown: str) -> str:
    """The `<svg>` element alone, with unique ids, without metadata and namespaces (HTML implies them)."""
    start = svg.index("<svg")
    body = re.sub(r"<metadata>.*?</metadata>", "", svg[start:], flags=re.DOTALL)
    body = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", body).replace("xlink:href", "href")
    name = f"f{crc32(shown.encode()):x}-"
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}", body)
    body = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", body)
    body = re.sub(r"font: (bold|700) ([\d.]+)px [^;\"]*", r"font-weight: 600; font-size: \2px", body)
    return body.replace("<svg", f'<svg role="img" aria-label="{escape(shown)}"', 1).strip()


def deviate(rates: ArrayLike) -> Floats:
    """Normal deviate of rates, which are moved off 0 and 1."""
    from scipy.special import ndtri  # noqa: PLC0415  # an optional package

    return np.asarray(ndtri(np.clip(np.asarray(rates, np.float64), 1e-9, 1.0 - 1e-9)))


def deviate_axes(axes: Axes, low: tuple[float, float], high: tuple[float, float]) -> None:
    """Scale both axes by the normal deviate, with ticks in percent.

    Args:
        axes: to scale.
        low: lowest rate shown on the x and on the y axis.
        high: highest rate shown on the x and on the y axis.
    """
    axes.set(xlim=deviate((low[0], high[0])), ylim=deviate((low[1], high[1])))
    for axis, bottom, top in zip((axes.xaxis, axes.yaxis), low, high, strict=True):
        ticks = [tick for tick in TICKS if bottom <= tick <= top]
        axis.set_ticks(deviate(ticks), [f"{100 * tick:g} %" for tick in ticks])


def line(place: int, count: int) -> dict[str, Any]:
    """Colour, dashes and width of one column's line; the last of `count`, the fused one, is thick and dark."""
    if place == count - 1:
        return {"color": INK, "linestyle": "-", "linewidth": 2.2, "zorder": 5}
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": DASHES[place % len(DASHES)]}


def label(name: str) -> str:
    """A name safe for matplotlib: shortened, no mathematical markup, no leading underscore (which would hide it)."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    shown = f"\u2009{short}" if short.startswith("_") else short
    return shown.replace("$", r"\$")


def legend_above(axes: Axes) -> None:
    """Put one legend for all panels above them, with the entries of this one."""
    handles, labels = axes.get_legend_handles_labels()
    columns = max(1, LEGEND_WIDTH // (max(map(len, labels), default=0) + 8))
    axes.figure.legend(handles, labels, loc="outside upper left", ncols=min(len(labels), columns) or 1)


def names(found: Sequence[object]) -> str:
    """The columns' names as a list in words, for a text alternative."""
    return ", ".join(str(getattr(each, "name", each)) for each in found)
