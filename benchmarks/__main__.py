"""`python -m benchmarks [NAME…]`: run all benchmarks, or those named, and print one table."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.chosen import chosen
from benchmarks.harness import Unavailable
from infra.models.supply import ensure_all, ensure_assets

SUBJECTS = (
    "access",
    "adapters",
    "audit",
    "face",
    "fingerprint",
    "iris",
    "jobs",
    "reviews",
    "security",
    "services",
    "telemetry",
)


def main() -> None:
    """Run the benchmarks and print the table."""
    modules = _modules()
    names = chosen("benchmark", sys.argv[1:], modules)
    ensure_all()
    ensure_assets()
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    table = Table(
        "what", "ours, ms", "reference", "reference, ms", "ratio (quartiles)", "rounds", "limit, ms", "limit is"
    )
    for name in names:
        try:
            row = importlib.import_module(modules[name]).measure()
        except Unavailable as error:
            print(f"not measured: {name}: {error}", file=sys.stderr)
            continue
        ratio = f"{row.ratio:.2f}× ({row.spread[0]:.2f}–{row.spread[1]:.2f})"
        cells = (row.what, f"{row.ours_ms:.2f}", row.reference, f"{row.reference_ms:.2f}", ratio, str(row.rounds))
        table.add_row(*cells, f"{row.limit_ms:.2f}", row.limit)
        print(f"measured {name}", file=sys.stderr)
    Console(width=180).print(table, f"{os.cpu_count()} cores, load average before {load}; one thread unless said")


def _modules() -> dict[str, str]:
    """Benchmarks by name: the modules of the folders SUBJECTS, without those that make synthetic data."""
    found = [each.name for each in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.") if not each.ispkg]
    split = [(name.split("."), name) for name in found]
    return {parts[-1]: name for parts, name in split if parts[1] in SUBJECTS and not parts[-1].startswith("synthetic_")}


if __name__ == "__main__":
    main()
