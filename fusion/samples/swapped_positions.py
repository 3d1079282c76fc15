"""Samples that match the references of other positions than their own: left and right, or fingers, were confused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from biometrics.template import Position
from fusion.evidence.evidence import Evidence
from fusion.samples.probes import Probe

CROSSED_LLR = 2.0
"""From here on, charged for all references compared, a sample agrees with another position's reference."""


def perhaps_confused(probes: Sequence[Probe], evidence: Sequence[Evidence]) -> list[Probe]:
    """The probes, of a position that can be confused, that do not match its reference: to be compared with all."""
    return [
        replace(probe, any_position=True)
        for probe, each in zip(probes, evidence, strict=True)
        if probe.template and probe.position not in (Position.UNKNOWN, Position.FACE) and each.llr <= 0.0
    ]


def with_crossed(evidence: Sequence[Evidence], compared_with_all: Sequence[Evidence]) -> list[Evidence]:
    """The evidence, in order, with that of another position in the place of what does not match where that agrees."""
    crossed = {each.sample: each for each in compared_with_all if each.is_crossed and each.llr >= CROSSED_LLR}
    return [crossed.get(each.sample, each) if each.llr <= 0.0 else each for each in evidence]
