"""A policy of an example border, and what is needed to pass its gate without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fusion.access.judging import Judge
from fusion.access.reading import policy_of
from infra.identity.caller import Caller, Proof
from infra.identity.intent import Intent
from infra.identity.visit import Visit

DESK, OFFICE, OPERATOR = "spiffe://b.example/desk/7", "spiffe://b.example/office", "spiffe://b.example/operator"
REPORTS, ANN, STRANGER = "spiffe://b.example/reports", "https://login.example#ann", "spiffe://c.example/desk/7"

HEAD = """
format = 1
version = "1"
purposes = ["border", "permit", "operations"]
[callers]
desks = ["spiffe://b.example/desk/*"]
office = ["spiffe://b.example/office"]
operators = ["spiffe://b.example/operator"]
reports = ["spiffe://b.example/reports"]
people = ["https://login.example#ann", "https://login.example#bea"]
"""

EVERY = (
    '"enrol", "change", "verify", "identify", "explain", "read", "watch", "delete", "export", "assess", "info", '
    '"models", "administer", "import", "sweep", "maintain", "jobs", "match", "open-cases", "read-cases", "review", '
    '"supervise"'
)


def rule(name: str, callers: str, operations: str, galleries: str, purposes: str, more: str = "") -> str:
    """A rule; lists are written with commas and quotes."""
    return (
        f'\n[[rules]]\nname = "{name}"\ncallers = [{callers}]\noperations = [{operations}]\n'
        f"galleries = [{galleries}]\npurposes = [{purposes}]\n{more}\n"
    )


BORDER = HEAD + "".join(
    [
        rule("desks-verify", '"desks"', '"verify", "assess", "info"', '"residents"', '"border"'),
        rule("desks-watch", '"desks"', '"identify"', '"watchlist", "wanted"', '"border"'),
        rule("office", '"office"', '"enrol", "change", "delete", "verify"', '"residents"', '"permit"'),
        rule("office-reads", '"office"', '"read", "export", "explain"', '"res*"', '"permit", "border"'),
        rule("operators", '"operators"', EVERY, '"*"', '"operations"'),
        rule("office-alias", '"office"', '"identify"', '"wanted"', '"border"'),
        rule("reports", '"reports"', '"watch", "jobs", "sweep"', '"residents"', '"border", "operations"'),
        rule("reports-no-use", '"reports"', '"import", "maintain", "administer", "match"', '"residents"', '"border"'),
        rule("people", '"people"', '"read", "verify"', '"watchlist"', '"*"'),
    ]
)


def judge_of(text: str) -> Judge:
    """The judge of a policy."""
    return Judge(policy_of(text.encode()))


def visit_of(name: str, purpose: str = "", case: str = "", officer: str = "") -> Visit:
    """A visit of a caller with a certificate."""
    return Visit(Caller(name, Proof.CERTIFICATE), Intent(purpose, case, officer))


class Named:
    """A gate that believes the caller whatever name it states in `test-caller`."""

    async def visit(self, _method: str, context: Any) -> Visit:
        """See Gate."""
        metadata = tuple(context.invocation_metadata() or ())
        name = dict(metadata).get("test-caller", "local")
        return Visit(Caller(str(name), Proof.CERTIFICATE), Intent.from_metadata(metadata))

    async def admit(self, _visit: Visit, _method: str, _request: Any) -> None:
        """See Gate."""


class Metadata:
    """The part of a call's context that a gate reads."""

    def __init__(self, caller: str, purpose: str = "", case: str = "", officer: str = "") -> None:
        self._stated = (("test-caller", caller), *Intent(purpose, case, officer).metadata)

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """See grpc.aio.ServicerContext."""
        return self._stated


def written(folder: Path, text: str) -> Path:
    """A file with this policy."""
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path
