"""`biofusion gallery verify`: read and open everything, or show that a subject is erased."""

from __future__ import annotations

import click

from cli.gallery.opening import on_store, opened, store_option
from cli.output.failures import MATCH, PRECONDITION
from cli.output.output import json_option, print_json, progress_bar
from gallery.operations.erased import Finding, erased
from gallery.operations.verify import Verified, verify
from gallery.store.subject_store import PartitionedStore
from gallery.subject import check_id


@click.command("verify")
@click.option("--erased", "subject_id", metavar="ID", help="Show that this subject is erased.")
@click.option(
    "--copy", "copy_url", default="", help="With --erased: URL of an older copy, whose templates are tried as well."
)
@json_option
@store_option
def command(url: str, *, subject_id: str | None, copy_url: str, as_json: bool) -> int:
    """Verify every record, template and count; with --erased, that a subject has gone. Exits with 4 if not."""
    if copy_url and subject_id is None:
        raise click.UsageError("--copy is used with --erased ID.")
    if subject_id is not None:
        check_id(subject_id, "--erased")
        return _tell_erased(on_store(url, lambda store: _erased(store, subject_id, copy_url)), as_json=as_json)

    async def work(store: PartitionedStore) -> Verified:
        with progress_bar() as update:
            return await verify(store, lambda done, total: update("subjects", done, total))

    return _tell(on_store(url, work), as_json=as_json)


async def _erased(store: PartitionedStore, subject_id: str, copy_url: str) -> list[Finding]:
    if not copy_url:
        return await erased(store, subject_id)
    async with opened(copy_url, with_keys=False) as copy:
        return await erased(store, subject_id, copy)


def _tell_erased(findings: list[Finding], *, as_json: bool) -> int:
    if as_json:
        print_json({"findings": [{"what": each.what, "isErased": each.is_erased} for each in findings]})
    else:
        for each in findings:
            click.echo(f"{'nothing left' if each.is_erased else 'STILL THERE '}  {each.what}")
    return MATCH if all(each.is_erased for each in findings) else PRECONDITION


def _tell(result: Verified, *, as_json: bool) -> int:
    if as_json:
        findings = [{"where": where, "what": what} for where, what in result.findings]
        counts = {"subjectCount": result.subjects, "referenceCount": result.references}
        print_json({**counts, "findings": findings, "erasedWithRows": result.erased})
    else:
        click.echo(f"{result.subjects} subjects with {result.references} references are in order.")
        for where, what in result.findings:
            click.echo(f"{where or 'store'}: {what}")
        if result.erased:
            click.echo(
                f"{len(result.erased)} erased subjects have rows left: biofusion gallery reconcile removes them."
            )
    return PRECONDITION if result.findings or result.erased else MATCH
