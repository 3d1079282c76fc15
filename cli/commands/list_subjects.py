"""`biofusion list`: list the enrolled subjects."""

from __future__ import annotations

import click
from biofusion.fusion.v1 import subjects_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json
from cli.output.tables import subjects_table
from cli.server_options import server_options
from cli.stubs import FusionStubs

PAGE_SIZE = 1000


@click.command("list")
@click.option("--gallery", default="", help="Only subjects of this gallery.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1), help="At most so many subjects.")
@json_option
@server_options
def command(gallery: str, *, limit: int, as_json: bool, target: Target) -> int:
    """List who is enrolled, in order of id."""
    with connect(target) as stub:
        listed = _pages(stub, gallery, limit, target.timeout_s)
    if as_json:
        print_json(listed)
        return MATCH
    if listed.subjects:
        console().print(subjects_table(listed.subjects))
    click.echo(f"{len(listed.subjects)} of {listed.total_count} subjects.")
    return MATCH


def _pages(stub: FusionStubs, gallery: str, limit: int, timeout_s: float) -> subjects_pb2.ListSubjectsResponse:
    """All pages up to the limit, as one."""
    listed = subjects_pb2.ListSubjectsResponse()
    while len(listed.subjects) < limit:
        request = subjects_pb2.ListSubjectsRequest(
            gallery=gallery,
            page_size=min(PAGE_SIZE, limit - len(listed.subjects)),
            page_token=listed.next_page_token,
            view=subjects_pb2.SUBJECT_VIEW_FULL,
        )
        page = stub.subjects.ListSubjects(request, timeout=timeout_s)
        listed.subjects.extend(page.subjects)
        listed.next_page_token, listed.total_count = page.next_page_token, page.total_count
        if not page.next_page_token:
            break
    return listed
