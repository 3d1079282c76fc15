"""From every probe's hits to subjects in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from fusion.censored import mean_unseen_llr
from fusion.decision import ROUNDING, Decision, DecisionReason
from fusion.evidence import Evidence
from fusion.identification import Candidate, Ranking
from fusion.judgement import OBSTACLES
from fusion.model import FusionModel
from fusion.posterior import posterior
from fusion.probes import compared, missing_evidence
from fusion.search import Searched, unseen_llr
from gallery.subject import Missing

UNTOLD = (DecisionReason.POOR_QUALITY, *OBSTACLES.values())
"""What makes a decision one for a person without saying anything for the subject."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an identification is about, besides its samples.

    Args:
        missing: positions without a sample.
        fpir: false positive identification rate; 0 means the default.
        enrolled_prior: probability that who is searched for is enrolled; 0 means the default.
        subject_count: subjects in the gallery.
    """

    missing: Sequence[Missing]
    fpir: float
    enrolled_prior: float
    subject_count: int


def rank(searched: Sequence[Searched], asked: Asked, model: FusionModel) -> Ranking:
    """Fuse each subject's evidence, put the subjects in order of LLR, then of id.

    Raises:
        FieldInvalid: a rate or prior out of range.
    """
    scored = [_Scored.of(each, model) for each in searched]
    subject_ids = sorted({subject_id for each in searched for subject_id in each.hits})

    def decision(subject_id: str) -> Decision:
        return model.identification(
            _evidence(subject_id, scored, asked.missing, model), asked.fpir, asked.subject_count
        )

    decisions = [decision(subject_id) for subject_id in subject_ids]
    prior = asked.enrolled_prior or model.enrolled_prior
    unseen = mean_unseen_llr(searched, max(0, asked.subject_count - len(subject_ids)), model)
    probabilities, none = posterior([each.llr for each in decisions], asked.subject_count, prior, unseen)
    told = [_is_told(each, model) for each in decisions]
    candidates = map(Candidate, subject_ids, decisions, probabilities, told)
    nobody = decision("")
    return Ranking(
        tuple(sorted(candidates, key=lambda each: (-each.decision.llr, each.subject_id))),
        nobody,
        asked.subject_count,
        none,
        unseen_llr(searched, model) if asked.subject_count > len(subject_ids) else -inf,
        _unobtained_llr(nobody.evidence, model),
    )


def _is_told(decision: Decision, model: FusionModel) -> bool:
    """Whether somebody is a candidate by more than that poor samples, or lacking ones, do not speak against it."""
    clear = [each for each in decision.evidence if not model.is_poor(each)]
    told = max(decision.llr, model.llr(clear)) >= decision.thresholds.review_llr - ROUNDING
    return told or decision.reasons[0] not in UNTOLD


def _unobtained_llr(evidence: Sequence[Evidence], model: FusionModel) -> float:
    """The most that samples which could not be obtained might say for somebody."""
    return model.attainable_llr(evidence, [each for each in evidence if each.status in OBSTACLES])


@dataclass(frozen=True, slots=True)
class _Scored:
    searched: Searched
    evidence: Mapping[str, Evidence]

    @classmethod
    def of(cls, searched: Searched, model: FusionModel) -> _Scored:
        """All hits of a probe are calibrated at once."""
        evidence = compared(searched.probe, list(searched.hits.values()), model)
        return cls(searched, dict(zip(searched.hits, evidence, strict=True)))


def _evidence(
    subject_id: str, scored: Sequence[_Scored], missing: Sequence[Missing], model: FusionModel
) -> tuple[Evidence, ...]:
    evidence = [each.evidence.get(subject_id) or each.searched.evidence(subject_id) for each in scored]
    absent = missing_evidence(
        missing, {(each.searched.probe.modality, each.searched.probe.position) for each in scored}
    )
    return (*model.merged(evidence), *absent)
