"""`python -m soak [NAME…]`: run all campaigns, or those named, and print one table of goals and figures."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import soak
from benchmarks.chosen import chosen
from infra.models.supply import ensure_all, ensure_assets
from soak.figures import Figure, report

HELPERS = ("soak.__main__", "soak.figures", "soak.osia.likely_requests", "soak.processes")


def campaigns() -> dict[str, str]:
    """The module of each campaign by its name; those of chapters are named without their chapter."""
    modules = [each.name for each in pkgutil.walk_packages(soak.__path__, "soak.") if not each.ispkg]
    found = {name.rpartition(".")[2]: name for name in modules if not name.startswith(HELPERS)}
    return dict(sorted(found.items()))


def main() -> None:
    """Run the campaigns; the exit status is 1 if a goal is not reached."""
    modules = campaigns()
    names = chosen("campaign", sys.argv[1:], list(modules))
    ensure_all()
    ensure_assets()
    found: dict[str, list[Figure]] = {}
    for name in names:
        print(f"{name} …", file=sys.stderr)
        found[name] = importlib.import_module(modules[name]).campaign()
    sys.exit(report("campaign", found))


if __name__ == "__main__":
    main()
