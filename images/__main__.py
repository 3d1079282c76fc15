"""`make images`: build all images twice and run them as pods, with a table of goals and figures; needs root."""

from __future__ import annotations

import sys

from images.parts import FOLDER, build_all, built_twice, parts, sizes, trial
from images.tools import Containers, Unavailable, provide
from infra.models.supply import ensure_assets
from soak.figures import report


def main() -> None:
    """Run all steps; the exit status is 1 if a goal is not reached."""
    try:
        provide()
    except Unavailable as error:
        sys.exit(str(error))
    ensure_assets()
    containers = Containers(FOLDER / "first")
    build_all(containers)
    steps = {
        "sizes": sizes(containers),
        "parts": parts(containers, FOLDER),
        "trial": trial(containers),
        "built twice": built_twice(containers),
    }
    sys.exit(report("step", {name: list(found) for name, found in steps.items()}))


if __name__ == "__main__":
    main()
