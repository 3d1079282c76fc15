"""Entry point of `biofusion` and `python -m cli`; it reports packages that are not installed in one sentence."""

from __future__ import annotations

import sys

from infra.extras import advice

USAGE = 3
"""The same exit code as in `cli.output.failures`, which cannot be imported when packages are missing."""


def main() -> None:
    """Entry point."""
    try:
        from cli.main import main as run  # noqa: PLC0415  # an import that fails is reported below
    except ModuleNotFoundError as error:
        told = advice(error)
        if told is None:
            raise
        print(told, file=sys.stderr)
        sys.exit(USAGE)
    run()


if __name__ == "__main__":
    main()
