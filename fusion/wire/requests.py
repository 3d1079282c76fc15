"""Requests to the fusion service: messages → domain objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample, SlapImage
from biometrics.template import Modality, Position, check_position
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.models.caller_scores import JointModel
from fusion.models.model import FusionModel
from fusion.requests.limits import MAX_MISSING, require_few, require_some
from fusion.samples.probes import missing_evidence
from fusion.use_cases.verify import VerificationRequest
from gallery.subject import Missing
from infra.wire import records
from infra.wire.convert import (
    missing_reason_from_wire,
    modality_from_wire,
    position_from_wire,
    stated,
)
from infra.wire.field_paths import each_located

MAX_COMPARISONS = 1_000_000
"""Most comparisons that a score sent by the caller may be the best of."""


class Sent(NamedTuple):
    """Samples of a request, its missing positions, and parts of its records that are not read, with reasons."""

    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...]
    unread: tuple[str, ...]


async def opened_from_wire(samples: Sequence[sample_pb2.Sample], missing: Sequence[sample_pb2.MissingPosition]) -> Sent:
    """The samples of a request and its missing positions, those of its records included; an error names the sample.

    A position that a record states as missing counts as missing unless the request or another record has a sample of
    it, or states it too.

    Raises:
        InvalidInput: there is no sample, or more than 64, or one is not valid.
    """
    require_some("samples", samples)
    stated = missing_from_wire(missing)
    opened = await records.opened(samples)
    known = {(each.modality, each.position) for each in stated} | {(s.modality, s.position) for s in opened.samples}
    gone = list(stated)
    for each in opened.missing:
        if (each.modality, each.position) not in known:
            known.add((each.modality, each.position))
            gone.append(Missing(each.modality, each.position, each.reason))
    fingers = [each.position for each in gone if each.modality is Modality.FINGERPRINT]
    return Sent(tuple(_without(each, fingers) for each in opened.samples), tuple(gone), opened.unread)


def _without(sample: Sample, fingers: Sequence[Position]) -> Sample:
    """The sample; a slap is known not to show these fingers."""
    if not fingers or not isinstance(sample.source, SlapImage):
        return sample
    slap = sample.source
    return replace(sample, source=replace(slap, missing=tuple(dict.fromkeys((*slap.missing, *fingers)))))


def missing_from_wire(missing: Sequence[sample_pb2.MissingPosition]) -> tuple[Missing, ...]:
    """Positions stated as missing.

    Raises:
        FieldInvalid: there are more than 64, a modality or reason is not stated, or a position is stated twice.
        PositionInvalid: the modality does not have the position.
    """
    require_few("missing", missing, MAX_MISSING)
    stated: dict[tuple[Modality, Position], Missing] = {}
    for each in each_located(_missing_from_wire, missing, "missing"):
        if (each.modality, each.position) in stated:
            raise FieldInvalid("missing", f"{each.modality} {each.position} is stated twice. State each position once.")
        stated[each.modality, each.position] = each
    return tuple(stated.values())


async def verification_from_wire(request: decisions_pb2.VerifySubjectRequest) -> VerificationRequest:
    """The verification asked for."""
    samples, missing, _ = await opened_from_wire(request.samples, request.missing)
    return VerificationRequest(
        subject_id=request.subject_id,
        samples=samples,
        missing=missing,
        fmr=stated(request, "fmr", request.fmr),
    )


def scores_from_wire(scores: Iterable[decisions_pb2.NamedScore], model: FusionModel | JointModel) -> list[Evidence]:
    """Scores sent by the caller, as evidence.

    Raises:
        ComparatorUncalibrated: the model does not know a comparator.
        FieldInvalid: a score names no comparator, is not finite, is stated for no modality or another than its
            comparator's, or has a count or quality out of range.
    """
    return list(each_located(partial(_score_from_wire, model=model), scores, "scores"))


def missing_evidence_from_wire(
    missing: Sequence[sample_pb2.MissingPosition], compared: Iterable[Evidence]
) -> list[Evidence]:
    """Evidence for the positions that are stated as missing and have no score."""
    return missing_evidence(missing_from_wire(missing), {(each.modality, each.position) for each in compared})


def _missing_from_wire(missing: sample_pb2.MissingPosition) -> Missing:
    modality = modality_from_wire(missing.modality)
    position = check_position(modality, position_from_wire(missing.position))
    return Missing(modality, position, missing_reason_from_wire(missing.reason))


def _score_from_wire(score: decisions_pb2.NamedScore, model: FusionModel | JointModel) -> Evidence:
    if not score.comparator_id:
        raise FieldInvalid("comparator_id", "name the comparator that made the score, as GetFusionModel lists them.")
    modality = modality_from_wire(score.modality) if score.modality or isinstance(model, FusionModel) else None
    model.check_modality(score.comparator_id, modality)
    count = stated(score, "comparison_count", score.comparison_count)
    if count is not None and not 1 <= count <= MAX_COMPARISONS:
        raise FieldInvalid("comparison_count", f"1 to {MAX_COMPARISONS} is allowed.")
    quality = stated(score, "quality", score.quality)
    if quality is not None and not 0.0 <= quality <= 100.0:
        raise FieldInvalid("quality", "0 to 100 is allowed.")
    return Evidence(
        modality,
        _position_from_wire(score, modality),
        EvidenceStatus.COMPARED,
        comparison=model.comparison(score.comparator_id, score.score, quality),
        comparison_count=count or 1,
        quality=quality,
        model_id=model.model_id(score.comparator_id),
    )


def _position_from_wire(score: decisions_pb2.NamedScore, modality: Modality | None) -> Position:
    position = position_from_wire(score.position)
    if modality is None and position is not Position.UNKNOWN:
        raise FieldInvalid("modality", f"one is needed beside the position {position}.")
    return check_position(modality, position) if modality else position
