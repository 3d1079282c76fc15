"""Encounters, quality reports and duplicates as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from cli.output.tables import modality_name, named, position_name, quality_reason


def state_name(value: subjects_pb2.EncounterState.ValueType) -> str:
    """ACTIVE or INACTIVE."""
    return named(subjects_pb2.EncounterState, value, "ENCOUNTER_STATE_")


def encounter_table(encounter: subjects_pb2.Encounter) -> Table:
    """An encounter's id, state and times as the title; one row per reference and per missing position."""
    table = Table(box=None, pad_edge=False, header_style="dim", title=_title(encounter), title_justify="left")
    for name in ("modality", "position", "model"):
        table.add_column(name)
    table.add_column("quality", justify="right")
    for each in encounter.references:
        quality = f"{each.quality:.0f}" if each.HasField("quality") else "–"
        table.add_row(modality_name(each.modality), position_name(each.position), each.model_id, quality)
    for gone in encounter.missing:
        reason = named(modality_pb2.MissingReason, gone.reason, "MISSING_REASON_")
        table.add_row(modality_name(gone.modality), position_name(gone.position), f"missing: {reason}", "–")
    return table


def quality_table(reports: Iterable[subjects_pb2.QualityReport]) -> Table:
    """One row per sample: its quality, what lowers it, and why it would not be enrolled."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("modality", "position", "part"):
        table.add_column(name)
    table.add_column("quality", justify="right")
    for name in ("sufficient", "lowered by", "resolution"):
        table.add_column(name)
    for each in reports:
        report = each.report
        quality = f"{report.quality.value:.0f}" if report.HasField("quality") else "–"
        lowered = each.failure_reason or ", ".join(map(quality_reason, report.quality.reasons))
        table.add_row(
            modality_name(report.modality),
            position_name(report.position),
            report.record_part,
            quality,
            "yes" if each.is_sufficient else "no",
            lowered,
            resolution(report),
        )
    return table


def resolution(report: subjects_pb2.SampleReport) -> str:
    """The resolution that was used for a fingerprint, and where it comes from; "" for others."""
    if not report.HasField("resolution"):
        return ""
    used = report.resolution
    across, down = f"{used.horizontal_dpi:.0f}", f"{used.vertical_dpi:.0f}"
    source = named(sample_pb2.ResolutionSource, used.source, "RESOLUTION_SOURCE_")
    return f"{across if across == down else f'{across}×{down}'} dpi ({source})"


def _title(encounter: subjects_pb2.Encounter) -> str:
    parts = [f"{encounter.encounter_id}  {state_name(encounter.state)}  {_time(encounter.create_time)}"]
    if encounter.HasField("update_time"):
        parts.append(f"updated {_time(encounter.update_time)}")
    if encounter.HasField("expire_time"):
        parts.append(f"expires {_time(encounter.expire_time)}")
    return ", ".join(parts)


def _time(value: Timestamp) -> str:
    return f"{value.ToDatetime():%Y-%m-%d %H:%M:%S}Z"
