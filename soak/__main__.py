"""`python -m soak [NAME…]`: run all campaigns, or those named, and print one table of goals and figures."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys

from rich.console import Console
from rich.table import Table

import soak
from benchmarks.chosen import chosen
from infra.models.supply import ensure_all, ensure_assets
from soak.figures import Figure

HELPERS = ("__main__", "figures", "processes")


def main() -> None:
    """Run the campaigns; the exit status is 1 if a goal is not reached."""
    campaigns = [m.name for m in pkgutil.iter_modules(soak.__path__) if not m.name.startswith(HELPERS)]
    names = chosen("campaign", sys.argv[1:], campaigns)
    ensure_all()
    ensure_assets()
    table = Table("campaign", "what", "goal", "found", "reached")
    figures: list[Figure] = []
    for name in names:
        print(f"{name} …", file=sys.stderr)
        found = importlib.import_module(f"soak.{name}").campaign()
        figures += found
        for each in found:
            table.add_row(name, each.what, each.goal, each.found, "yes" if each.is_reached else "NO")
    Console(width=180).print(table, f"{os.cpu_count()} cores")
    sys.exit(0 if all(each.is_reached for each in figures) else 1)


if __name__ == "__main__":
    main()
