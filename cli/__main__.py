"""`biofusion`, and `python -m cli`: the command, or one sentence where its packages are not installed."""

from __future__ import annotations

import sys

from infra.extras import advice

USAGE = 3
"""As `cli.output.failures` has it, which cannot be imported then."""


def main() -> None:
    """Entry point."""
    try:
        from cli.main import main as run  # noqa: PLC0415  # so that what is missing can be told
    except ModuleNotFoundError as error:
        told = advice(error)
        if told is None:
            raise
        print(told, file=sys.stderr)
        sys.exit(USAGE)
    run()


if __name__ == "__main__":
    main()
