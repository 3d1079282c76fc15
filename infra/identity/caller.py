"""A caller: the program that makes a call, by the name that it has proved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How a caller has proved its name."""

    NONE = "NONE"
    """It has not: the server takes plain text, from its own machine or behind a mesh."""
    CERTIFICATE = "CERTIFICATE"
    TOKEN = "TOKEN"  # noqa: S105 - a kind of proof


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller.

    Args:
        name: a SPIFFE id (`spiffe://DOMAIN/PATH`); `ISSUER#SUBJECT` of a token; `local` without a proof.
        proof: how it has proved the name.
    """

    name: str
    proof: Proof


LOCAL = Caller("local", Proof.NONE)
"""Whoever reaches a server that asks for no proof."""
