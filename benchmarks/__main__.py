"""`python -m benchmarks [NAME…]`: one table of all figures, or of those named."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.harness import Unavailable
from infra.models.supply import ensure_all, ensure_assets

HELPERS = ("__main__", "harness", "limits", "other_", "searches", "synthetic_")


def main() -> None:
    """Measure and print."""
    ensure_all()
    ensure_assets()
    names = sys.argv[1:] or [
        m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith(HELPERS)
    ]
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    table = Table(
        "what", "ours, ms", "reference", "reference, ms", "ratio (quartiles)", "rounds", "limit, ms", "limit is"
    )
    for name in names:
        try:
            row = importlib.import_module(f"benchmarks.{name}").measure()
        except Unavailable as error:
            print(f"not measured: {name}: {error}", file=sys.stderr)
            continue
        ratio = f"{row.ratio:.2f}× ({row.spread[0]:.2f}–{row.spread[1]:.2f})"
        cells = (row.what, f"{row.ours_ms:.2f}", row.reference, f"{row.reference_ms:.2f}", ratio, str(row.rounds))
        table.add_row(*cells, f"{row.limit_ms:.2f}", row.limit)
        print(f"measured {name}", file=sys.stderr)
    Console(width=180).print(table, f"{os.cpu_count()} cores, load average before {load}; one thread unless said")


if __name__ == "__main__":
    main()
