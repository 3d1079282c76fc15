"""`biofusion audit`: the group of commands on an audit log."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "verify": ("cli.audit.verify", "Show that nothing was changed, taken out or cut off."),
    "head": ("cli.audit.head", "Print the last signed head of each chain, to be kept elsewhere."),
    "explain": ("cli.audit.explain", "Derive a recorded decision again, and compare."),
    "export": ("cli.audit.export", "Write records as JSON Lines."),
    "keygen": ("cli.audit.keygen", "Make the keys that an audit log needs, or begin a period of hashes."),
}


@click.group("audit", cls=LazyGroup, table=COMMANDS)
def command() -> None:
    """Read and verify the audit log. Needs its files, and no server."""
