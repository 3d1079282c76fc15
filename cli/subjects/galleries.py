"""`biofusion galleries`: list galleries, put subjects into them and take them out, and give a gallery another name."""

from __future__ import annotations

from collections.abc import Sequence

import click
from biofusion.fusion.v1 import galleries_pb2
from rich.table import Table

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json
from cli.server_options import server_options
from cli.writing import request_id_option, tell


@click.group("galleries")
def command() -> None:
    """List galleries and their aliases, and who is in which. `biofusion gallery` looks after the store instead."""


@command.command("list")
@json_option
@server_options
def show(*, as_json: bool, target: Target) -> int:
    """List all galleries with their sizes and aliases."""
    with connect(target) as stub:
        response = stub.galleries.ListGalleries(galleries_pb2.ListGalleriesRequest(), timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        console().print(_table(response))
    return MATCH


@command.command("join")
@click.argument("subject")
@click.argument("gallery", nargs=-1, required=True)
@request_id_option
@json_option
@server_options
def join(subject: str, gallery: Sequence[str], *, request_id: str, as_json: bool, target: Target) -> int:
    """Add SUBJECT to galleries."""
    request = galleries_pb2.JoinGalleriesRequest(request_id=request_id, subject_id=subject, galleries=gallery)
    with connect(target) as stub:
        response = stub.galleries.JoinGalleries(request, timeout=target.timeout_s)
    tell(response, f"{subject} is in {', '.join(gallery)}", as_json=as_json)
    return MATCH


@command.command("leave")
@click.argument("subject")
@click.argument("gallery", nargs=-1, required=True)
@request_id_option
@json_option
@server_options
def leave(subject: str, gallery: Sequence[str], *, request_id: str, as_json: bool, target: Target) -> int:
    """Take SUBJECT out of galleries."""
    request = galleries_pb2.LeaveGalleriesRequest(request_id=request_id, subject_id=subject, galleries=gallery)
    with connect(target) as stub:
        response = stub.galleries.LeaveGalleries(request, timeout=target.timeout_s)
    tell(response, f"{subject} is no longer in {', '.join(gallery)}", as_json=as_json)
    return MATCH


@command.command("alias")
@click.argument("alias")
@click.argument("gallery")
@request_id_option
@json_option
@server_options
def alias(alias: str, gallery: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Let ALIAS stand for GALLERY from now on: the cut-over of a migration, or its roll-back."""
    request = galleries_pb2.SetGalleryAliasRequest(request_id=request_id, alias=alias, gallery=gallery)
    with connect(target) as stub:
        response = stub.galleries.SetGalleryAlias(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        before = f"; it stood for {response.previous_gallery} before" if response.previous_gallery else ""
        click.echo(f"{alias} stands for {gallery}{before}.")
    return MATCH


@command.command("unalias")
@click.argument("alias")
@request_id_option
@json_option
@server_options
def unalias(alias: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Remove an alias."""
    request = galleries_pb2.DeleteGalleryAliasRequest(request_id=request_id, alias=alias)
    with connect(target) as stub:
        response = stub.galleries.DeleteGalleryAlias(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        click.echo(f"{alias} no longer stands for {response.gallery or 'a gallery'}.")
    return MATCH


def _table(response: galleries_pb2.ListGalleriesResponse) -> Table:
    """One row per gallery."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("gallery")
    table.add_column("subjects", justify="right")
    table.add_column("aliases")
    for each in response.galleries:
        names = [alias.alias for alias in response.aliases if alias.gallery == each.gallery]
        table.add_row(each.gallery, f"{each.subject_count:,}", ", ".join(names))
    return table
