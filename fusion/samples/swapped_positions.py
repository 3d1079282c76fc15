"""Swapped positions: samples that match references of other positions than their own (left and right, fingers)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from biometrics.template import Position
from fusion.evidence.evidence import Evidence
from fusion.samples.probes import Probe

CROSSED_LLR = 2.0
"""LLR, charged for all references compared, from which a sample matches a reference of another position."""


def perhaps_confused(probes: Sequence[Probe], evidence: Sequence[Evidence]) -> list[Probe]:
    """The probes to compare with references of all positions: of a known finger or eye, and not matching its own."""
    return [
        replace(probe, any_position=True)
        for probe, each in zip(probes, evidence, strict=True)
        if probe.template and probe.position not in (Position.UNKNOWN, Position.FACE) and each.llr <= 0.0
    ]


def with_crossed(evidence: Sequence[Evidence], compared_with_all: Sequence[Evidence]) -> list[Evidence]:
    """The evidence, in order: a sample that matches another position, and not its own, has that of the other one."""
    crossed = {each.sample: each for each in compared_with_all if each.is_crossed and each.llr >= CROSSED_LLR}
    return [crossed.get(each.sample, each) if each.llr <= 0.0 else each for each in evidence]
