"""`biofusion gallery`: the group of commands on a whole store."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "stats": ("cli.gallery.stats", "Count subjects, galleries, references and models."),
    "partitions": ("cli.gallery.partitions", "List the partitions with their subjects and snapshots."),
    "verify": ("cli.gallery.verify", "Read and open everything, or show that a subject is erased."),
    "reconcile": ("cli.gallery.reconcile", "Put the store in order after a restore or a failover."),
    "export": ("cli.gallery.export", "Write all subjects into a sealed archive."),
    "import": ("cli.gallery.import_archive", "Enrol all subjects of an archive."),
    "migrate": ("cli.gallery.migrate", "Move all subjects from another store, or from an earlier version's."),
    "snapshot": ("cli.gallery.snapshot", "Make snapshots, from which indexes load quickly."),
    "rebuild": ("cli.gallery.rebuild", "Drop the snapshots and have every index load anew."),
    "new-key": ("cli.gallery.keys.new_key", "Make a key file."),
    "rotate-keys": ("cli.gallery.keys.rotate_keys", "Renew the keys, so that old copies cannot be opened."),
    "destroy-keys": ("cli.gallery.keys.destroy_keys", "Make the templates of a partition, or of all, unreadable."),
}


@click.group("gallery", cls=LazyGroup, table=COMMANDS)
def command() -> None:
    """Look after the store of enrolled subjects. Needs access to the store itself, and to its keys."""
