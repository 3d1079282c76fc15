"""`biofusion policy explain`: what a policy says to one call, and why."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from cli.output.failures import PRECONDITION
from cli.output.output import console, json_option, print_json
from fusion.access.explaining import Explanation, explained
from fusion.access.operations import Operation
from fusion.access.policy_file import read_policy
from fusion.wire.access.methods import METHODS
from infra.identity.caller import LOCAL, Caller, Proof
from infra.identity.intent import Intent
from infra.identity.visit import Visit


@click.command("explain")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--caller", required=True, help="Name of the caller: a SPIFFE id, ISSUER#SUBJECT of a token, or local.")
@click.option("--method", required=True, help="A method, e.g. VerifySubject, or an operation, e.g. verify.")
@click.option("--gallery", help='Where; "*": in all galleries. Default: wherever it is allowed.')
@click.option("--purpose", default="", help="The purpose that the call states.")
@click.option("--case", default="", help="The case that the call states.")
@click.option("--officer", default="", help="The pseudonym of the acting officer that the call states.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    caller: str,
    method: str,
    gallery: str | None,
    purpose: str,
    case: str,
    officer: str,
    *,
    as_json: bool,
) -> None:
    """Say whether the policy in FILE allows a call, by which rule, and what the other rules lack.

    Quotas and the evidence of samples are stated, not counted. Exits with 4 if the call is refused.
    """
    policy, operation = read_policy(file).policy, operation_named(method)
    who = LOCAL if caller == LOCAL.name else Caller(caller, Proof.CERTIFICATE)
    found = explained(policy, Visit(who, Intent(purpose, case, officer)), operation, gallery)
    if as_json:
        print_json({"policy": policy.label, "operation": operation.value, **_fields(found)})
    else:
        _show(found, operation)
    context.exit(0 if found.rule else PRECONDITION)


def operation_named(method: str) -> Operation:
    """The operation of a method, named fully, by its last parts, or by its operation."""
    if method in list(Operation):
        return Operation(method)
    found = [each.operation for name, each in METHODS.items() if name.endswith("/" + method.removeprefix("/"))]
    if not found:
        found = [each.operation for name, each in METHODS.items() if name == method or name.endswith(f".{method}")]
    if not found:
        raise click.UsageError(f"There is no method {method}; operations are {', '.join(Operation)}.")
    return found[0]


def _fields(found: Explanation) -> dict[str, object]:
    rule = found.rule
    return {
        "isAllowed": rule is not None,
        "rule": rule.name if rule else "",
        "reason": found.reason,
        "message": found.message,
        "detail": rule.detail.name.lower() if rule else "",
        "quotas": list(map(str, rule.quotas)) if rule else [],
        "needs": list(map(str, found.needs)),
        "rules": found.lacks,
    }


def _show(found: Explanation, operation: Operation) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("rule", "does not allow it, as"):
        table.add_column(name)
    for name, lack in found.lacks.items():
        table.add_row(name, lack or "– (it does)")
    console().print(table)
    if found.rule is None:
        click.echo(f"Refused ({found.reason}): {found.message}")
        return
    click.echo(f"Allowed: {operation} by the rule {found.rule.name}, detail {found.rule.detail.name.lower()}.")
    for quota in found.rule.quotas:
        click.echo(f"Quota: {quota}.")
    for each in found.needs:
        click.echo(f"Samples are needed: {each}.")
