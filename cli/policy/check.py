"""`biofusion policy check`: say what is wrong with a policy, what is odd, and what it allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from cli.output.output import console, json_option, print_json
from fusion.access.findings import findings
from fusion.access.policy import Policy, Rule
from fusion.access.policy_file import read_policy


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(file: Path, *, as_json: bool) -> None:
    """Check a policy FILE, and show its rules.

    Exits with 3 if it cannot be used. Rules that never hold, and callers whom no rule is about, are told; they do not
    change the exit code.
    """
    policy = read_policy(file).policy
    odd = findings(policy)
    if as_json:
        print_json({"version": policy.version, "digest": policy.digest, "rules": _json(policy), "findings": odd})
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("rule", "callers", "operations", "galleries", "purposes", "asks for", "quotas"):
        table.add_column(name, overflow="fold")
    for rule in policy.rules:
        table.add_row(rule.name, *map(", ".join, _cells(rule, policy)))
    console().print(table)
    for name, operation, needs in policy.needs:
        click.echo(f"To {operation} in {name} needs {needs}.")
    for each in odd:
        click.echo(f"Note: {each}")
    click.echo(
        f"The policy {policy.label} can be used: {len(policy.rules)} rules. What none of them allows is refused."
    )


def _cells(rule: Rule, policy: Policy) -> list[list[str]]:
    asks = {"case": rule.require_case, "officer": rule.require_officer}
    detail = [] if rule.detail.name == "FULL" else [f"tells {rule.detail.name.lower()}"]
    return [
        [name for name, patterns in policy.groups.items() if set(patterns) <= set(rule.callers)],
        sorted(rule.operations),
        list(rule.galleries),
        sorted(rule.purposes),
        [*(name for name, is_asked in asks.items() if is_asked), *detail],
        list(map(str, rule.quotas)),
    ]


def _json(policy: Policy) -> list[dict[str, Any]]:
    return [
        {
            "name": rule.name,
            "callers": list(rule.callers),
            "operations": sorted(rule.operations),
            "galleries": list(rule.galleries),
            "purposes": sorted(rule.purposes),
            "requireCase": rule.require_case,
            "requireOfficer": rule.require_officer,
            "detail": rule.detail.name.lower(),
            "quotas": list(map(str, rule.quotas)),
        }
        for rule in policy.rules
    ]
