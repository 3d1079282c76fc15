"""`biofusion audit verify`: verify all chains of an audit folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from audit.chain_check import Checked
from audit.heads import Head, heads_in
from audit.signing import public_keys
from audit.verification import Verified, verify
from cli.audit.options import PATH, folder_of, folder_option
from cli.output.failures import MATCH, PRECONDITION
from cli.output.output import json_option, print_json, progress_bar


@click.command("verify")
@click.option(
    "--public-key", "keys", type=PATH, multiple=True, required=True, help="PEM file of a key that may sign; repeatable."
)
@click.option("--head", "heads", type=PATH, multiple=True, help="File with heads that were kept, or a log; repeatable.")
@click.option("--archived", is_flag=True, help="The oldest files of a chain may have been moved away.")
@folder_option
@json_option
def command(stated: Path | None, *, keys: Sequence[Path], heads: Sequence[Path], archived: bool, as_json: bool) -> int:
    """Show that nothing was changed, taken out, moved, written again or cut off. Exits with 4 if something was.

    That records were cut off at the end, or a whole chain was, is seen by heads that were kept elsewhere.
    """
    folder, trusted = folder_of(stated), public_keys(tuple(keys))
    kept = [head for path in heads for head in _heads(path)]
    with progress_bar() as update:
        verified = verify(
            folder,
            trusted,
            kept,
            may_begin_later=archived,
            progress=lambda done: update("records", done, done),
        )
    if as_json:
        print_json(_to_json(verified, len(kept)))
    else:
        _tell(verified, len(kept))
    return PRECONDITION if verified.faults else MATCH


def _heads(path: Path) -> list[Head]:
    """The heads in a file.

    Raises:
        UsageError: there is none.
        OSError: it cannot be read.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        found = heads_in(file)
    if not found:
        raise click.UsageError(f"{path} has no head. `biofusion audit head` prints them.")
    return found


def _tell(verified: Verified, kept: int) -> None:
    for each in verified.chains:
        click.echo(_line(each))
    for fault in verified.faults:
        click.echo(f"{fault.kind:12} {fault.where}: {fault.what}")
    more = sum(each.fault_count - len(each.faults) for each in verified.chains)
    if more:
        click.echo(f"and {more} faults more.")
    if not verified.faults:
        click.echo(f"{verified.records} records in {len(verified.chains)} chains are in order.")
        if not kept:
            click.echo("Whether records are missing at the end is seen by a head that was kept: --head FILE.")


def _line(chain: Checked) -> str:
    signed = f"signed at {chain.head.time} by {chain.head.key}" if chain.head else "not signed"
    torn = f", {chain.torn} bytes of a line that is not whole" if chain.torn else ""
    return f"{chain.folder}: {chain.records} records from {chain.first}, {signed}, {chain.unsigned} since{torn}"


def _to_json(verified: Verified, kept: int) -> dict[str, object]:
    chains = [
        {
            "folder": each.folder,
            "chain": each.chain,
            "instance": each.instance,
            "first": each.first,
            "recordCount": each.records,
            "unsignedCount": each.unsigned,
            "tornBytes": each.torn,
            "faultCount": each.fault_count,
        }
        for each in verified.chains
    ]
    return {"chains": chains, "keptHeadCount": kept, "faults": [asdict(each) for each in verified.faults]}
