"""Names on a command line: all that there are where none is given, and one sentence where one is unknown."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

WRONG_USAGE = 2
"""Exit code of wrong usage, as of argparse and click."""


def chosen(kind: str, given: Sequence[str], known: Collection[str]) -> list[str]:
    """The names to run, in the order given; all known ones if none is given.

    Args:
        kind: what is named, for the sentence: "benchmark".
        given: words of the command line.
        known: every name there is.

    Raises:
        SystemExit: a name is unknown; standard error has one sentence with those there are.
    """
    unknown = [name for name in given if name not in known]
    if unknown:
        sys.stderr.write(f"No such {kind}: {', '.join(unknown)}. There are: {', '.join(known)}.\n")
        sys.exit(WRONG_USAGE)
    return list(given or known)
