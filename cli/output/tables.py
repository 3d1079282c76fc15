"""Answers of the fusion service as text and tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.output.failures import MATCH, NO_MATCH, REVIEW

EXIT_CODE = {
    decision_pb2.OUTCOME_MATCH: MATCH,
    decision_pb2.OUTCOME_NO_MATCH: NO_MATCH,
    decision_pb2.OUTCOME_REVIEW: REVIEW,
}
"""Of outcomes that this version knows."""

_STYLES = {MATCH: "bold green", NO_MATCH: "bold red", REVIEW: "bold yellow"}


def named(enum: Any, value: int, prefix: str) -> str:
    """The name of an enum's value without its prefix, or the number of a value that only a newer server knows."""
    return str(enum.Name(value).removeprefix(prefix)) if value in enum.values() else f"{value} (of a newer version)"


def outcome_name(outcome: decision_pb2.Outcome.ValueType) -> str:
    """MATCH, NO_MATCH or REVIEW."""
    return named(decision_pb2.Outcome, outcome, "OUTCOME_")


def exit_code(outcome: decision_pb2.Outcome.ValueType) -> int:
    """The exit code for an outcome; one that only a newer server knows gets the code of REVIEW."""
    return EXIT_CODE.get(outcome, REVIEW)


def decision(answer: decision_pb2.Decision, about: str) -> Group:
    """Headline and evidence of one decision.

    Args:
        answer: the decision.
        about: the subject id or files that it is about; may be "".
    """
    found: list[RenderableType] = [evidence_table(answer.evidence)]
    if answer.evidence:
        found.append(Text(f"presentation attacks: {presentation_attacks(answer)}", style="dim"))
    return Group(headline(answer, about), Padding(Group(*found), (0, 0, 0, 2), expand=False))


def title(outcome: decision_pb2.Outcome.ValueType, about: str) -> Text:
    """The outcome in its colour, and what the decision is about (may be "")."""
    text = Text(outcome_name(outcome), style=_STYLES[exit_code(outcome)])
    return text.append(f"  {about}" if about else "", style="bold")


def headline(answer: decision_pb2.Decision, about: str) -> Text:
    """Outcome, fused LLR, thresholds, the error rate decided at, and reasons."""
    target = answer.WhichOneof("target") or "fmr"
    reasons = ", ".join(named(decision_pb2.DecisionReason, r, "DECISION_REASON_") for r in answer.reasons)
    text = title(answer.outcome, about)
    text.append(
        f"\n  fused LLR {answer.llr:+.2f} (MATCH from {answer.match_threshold_llr:.2f}, REVIEW from "
        f"{answer.review_threshold_llr:.2f}) at {target.upper()} {getattr(answer, target):g}; {reasons}",
        style="not bold default",
    )
    return text


def evidence_table(evidence: Iterable[decision_pb2.Evidence]) -> Table:
    """One row per modality and position."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("modality", "position", "status"):
        table.add_column(name)
    for name in ("score", "LLR", "FMR", "quality"):
        table.add_column(name, justify="right")
    table.add_column("comparator")
    for each in evidence:
        table.add_row(*_evidence_row(each))
        if each.quality_reasons:
            table.add_row("", "", f"  {', '.join(map(quality_reason, each.quality_reasons))}")
    return table


def presentation_attacks(answer: decision_pb2.Decision) -> str:
    """What is known of presentation attacks in the samples of a decision; an older server knows as little."""
    known = sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED
    values = dict.fromkeys(each.presentation_attack or known for each in answer.evidence)
    return ", ".join(named(sample_pb2.PresentationAttack, each, "PRESENTATION_ATTACK_") for each in values or [known])


def candidates_table(ranked: Iterable[decisions_pb2.RankedSubject]) -> Table:
    """One row per candidate."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("rank", "LLR", "probability"):
        table.add_column(name, justify="right")
    for name in ("outcome", "subject"):
        table.add_column(name)
    for each in ranked:
        figures = str(each.rank), f"{each.decision.llr:+.2f}", f"{each.posterior:.2%}"
        table.add_row(*figures, outcome_name(each.decision.outcome), each.subject_id)
    return table


def not_read(parts: Iterable[str]) -> list[str]:
    """A line for each part of a record that was not read."""
    return [f"Not read: {each}" for each in parts]


def reports_table(reports: Iterable[subjects_pb2.SampleReport]) -> Table:
    """One row per sample of an enrolment."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("modality", "position"):
        table.add_column(name)
    table.add_column("quality", justify="right")
    table.add_column("lowered by")
    for each in reports:
        lowered = ", ".join(map(quality_reason, each.quality.reasons))
        quality = f"{each.quality.value:.0f}" if each.HasField("quality") else "–"
        table.add_row(modality_name(each.modality), position_name(each.position), quality, lowered)
    return table


def subjects_table(subjects: Iterable[subjects_pb2.Subject]) -> Table:
    """One row per subject."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("subject", "galleries", "encounters", "references"):
        table.add_column(name, overflow="fold")
    for each in subjects:
        table.add_row(each.subject_id, ", ".join(each.galleries), str(len(each.encounters)), _references(each))
    return table


def modality_name(value: modality_pb2.Modality.ValueType) -> str:
    """FACE, FINGERPRINT or IRIS."""
    return named(modality_pb2.Modality, value, "MODALITY_")


def position_name(value: modality_pb2.Position.ValueType) -> str:
    """Name of a position, e.g. RIGHT_INDEX."""
    return named(modality_pb2.Position, value, "POSITION_")


def place(each: decision_pb2.Evidence) -> str:
    """Modality and position, e.g. IRIS LEFT_EYE; "" where neither is stated."""
    if not each.modality:
        return ""
    return " ".join(dict.fromkeys((modality_name(each.modality), _position(each))))


def status(each: decision_pb2.Evidence) -> str:
    """Status of a position with its reason, e.g. PROBE_MISSING: BANDAGED."""
    became = named(decision_pb2.EvidenceStatus, each.status, "EVIDENCE_STATUS_")
    if each.missing_reason:
        reason = named(modality_pb2.MissingReason, each.missing_reason, "MISSING_REASON_")
        return f"{became}: {reason}"
    return f"{became}: {each.failure_reason}" if each.failure_reason else became


def show(console: Console, *parts: RenderableType) -> None:
    """Print parts below each other."""
    for part in parts:
        console.print(part)


def _evidence_row(each: decision_pb2.Evidence) -> tuple[str, ...]:
    stated = modality_name(each.modality), _position(each), status(each)
    quality = f"{each.quality:.0f}" if each.HasField("quality") else "–"
    if not each.HasField("comparison"):
        return (*stated, "–", "–", "–", quality, "")
    found = each.comparison
    return (*stated, f"{found.score:.3f}", f"{found.llr:+.2f}", f"{found.fmr:.1e}", quality, found.comparator_id)


def _position(each: decision_pb2.Evidence) -> str:
    stated = position_name(each.position)
    if each.HasField("comparison") and each.reference_position not in (
        each.position,
        modality_pb2.POSITION_UNSPECIFIED,
    ):
        return f"{stated} as {position_name(each.reference_position)}"
    return stated


def _references(subject: subjects_pb2.Subject) -> str:
    places = [
        position_name(reference.position)
        if reference.position != modality_pb2.POSITION_UNKNOWN
        else f"{modality_name(reference.modality)} UNKNOWN"
        for encounter in subject.encounters
        for reference in encounter.references
    ]
    return ", ".join(
        f"{place} ×{places.count(place)}" if places.count(place) > 1 else place for place in dict.fromkeys(places)
    )


def quality_reason(value: sample_pb2.QualityReason.ValueType) -> str:
    """Name of a quality reason, e.g. BLURRED."""
    return named(sample_pb2.QualityReason, value, "QUALITY_REASON_")
