"""`python -m infra.models.fetch NAME…`: sets up these models or scripts in the cache; needs only the extra `models`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from biometrics.errors import BiofusionError
from infra.models.manifest import manifest
from infra.models.supply import ensure


def main(names: Sequence[str]) -> None:
    """Fetch, harden, check and cache the models and scripts with these names; an error is printed as one sentence."""
    known = manifest().models | manifest().scripts
    if unknown := sorted(set(names) - set(known)):
        sys.exit(f"No such model: {', '.join(unknown)}. There are: {', '.join(known)}.")
    try:
        for report in ensure(known[name] for name in names):
            sys.stdout.write(f"{report.name}: {report.status}, {report.path}\n")
    except BiofusionError as error:
        sys.exit(error.message)


if __name__ == "__main__":
    main(sys.argv[1:])
