"""The questions of the demo, with the answers it expects."""

from __future__ import annotations

from dataclasses import dataclass

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2, sample_pb2

from biometrics.sample import Sample
from biometrics.template import MissingReason, Modality, Position
from cli.demo.people import PROBE, Person, eye, eyes, face, finger
from cli.demo.renditions import blurred, mirrored
from cli.output.tables import outcome_name
from cli.stubs import FusionStubs
from fusion.decision.decision import Outcome
from fusion.evidence.evidence import EvidenceStatus
from gallery.subject import Missing
from infra.models.model_cache import asset
from infra.wire.convert import missing_reason_to_wire, modality_to_wire, position_to_wire, sample_to_wire

POOR_QUALITY = 50.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One verification or identification with its expected answer.

    Args:
        title: what is tried.
        remark: what the samples are.
        samples: samples of the probe.
        expected: outcomes that are correct.
        subject_id: whom the samples are of; "" for a stranger.
        claim: subject to verify against; "" to identify.
        missing: positions without a sample.
        poor: whether one sample must be found unusable or of a quality under 50.
    """

    title: str
    remark: str
    samples: tuple[Sample, ...]
    expected: tuple[Outcome, ...]
    subject_id: str = ""
    claim: str = ""
    missing: tuple[Missing, ...] = ()
    poor: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a scenario.

    Args:
        scenario: the question.
        decision: the decision as received over gRPC.
        subject_id: the subject it names; "" for nobody.
        posterior: probability that the samples are of that subject, 0–1; None after a verification or if it is nobody.
    """

    scenario: Scenario
    decision: decision_pb2.Decision
    subject_id: str
    posterior: float | None = None

    @property
    def as_expected(self) -> bool:
        """Whether outcome, subject and sample quality are as expected."""
        right_outcome = Outcome(outcome_name(self.decision.outcome)) in self.scenario.expected
        return right_outcome and self.subject_id == self.scenario.subject_id and (not self.scenario.poor or self._poor)

    @property
    def _poor(self) -> bool:
        unusable = decision_pb2.EvidenceStatus.Value(f"EVIDENCE_STATUS_{EvidenceStatus.SAMPLE_UNUSABLE}")
        return any(
            each.status == unusable or (each.HasField("quality") and each.quality < POOR_QUALITY)
            for each in self.decision.evidence
        )


def scenarios(first: Person, second: Person, third: Person) -> list[Scenario]:
    """The questions about the three people."""
    without_finger = tuple(each for each in first.probes if each.modality is not Modality.FINGERPRINT)
    bandaged = Missing(Modality.FINGERPRINT, Position.RIGHT_INDEX, MissingReason.BANDAGED)
    return [
        Scenario("All modalities", first.made_of, first.probes, (Outcome.MATCH,), first.subject_id),
        Scenario(
            "One modality missing",
            "person-1 again, the finger in a bandage",
            without_finger,
            (Outcome.MATCH,),
            first.subject_id,
            missing=(bandaged,),
        ),
        Scenario("No face enrolled", third.made_of, third.probes, (Outcome.MATCH,), third.subject_id),
        _poor_sample(second),
        Scenario(
            "A stranger",
            "eyes 91 and 92, whom nobody enrolled, and finger-3 mirrored: ridges that the finger does not have",
            (finger(mirrored(asset("finger-3"))), *eyes(91, PROBE)),
            (Outcome.NO_MATCH,),
        ),
        Scenario(
            "A wrong claim",
            "person-1 claims to be person-2",
            first.probes,
            (Outcome.NO_MATCH,),
            claim=second.subject_id,
        ),
    ]


def _poor_sample(second: Person) -> Scenario:
    return Scenario(
        "Poor samples",
        "person-2, the face out of focus, the right eye nearly closed, the left eye as usual",
        (
            face(blurred(asset("portrait-astronaut"), 8.0)),
            eye(Position.RIGHT_EYE, 21, PROBE, opening=0.15),
            eye(Position.LEFT_EYE, 22, PROBE),
        ),
        (Outcome.MATCH, Outcome.REVIEW),
        second.subject_id,
        poor=True,
    )


def ask(stub: FusionStubs, scenario: Scenario, token: str) -> Answer:
    """Verify or identify over gRPC."""
    samples = [sample_to_wire(sample) for sample in scenario.samples]
    missing = [missing_to_wire(each) for each in scenario.missing]
    if scenario.claim:
        verification = decisions_pb2.VerifySubjectRequest(
            subject_id=scenario.claim, samples=samples, missing=missing, consistency_token=token
        )
        decision = stub.decisions.VerifySubject(verification).decision
        matched = decision.outcome != decision_pb2.OUTCOME_NO_MATCH
        return Answer(scenario, decision, scenario.claim if matched else "")
    search = decisions_pb2.IdentifySubjectsRequest(samples=samples, missing=missing, consistency_token=token)
    found = stub.decisions.IdentifySubjects(search)
    posterior = next((each.posterior for each in found.candidates if each.subject_id == found.subject_id), None)
    return Answer(scenario, found.decision, found.subject_id, posterior)


def missing_to_wire(missing: Missing) -> sample_pb2.MissingPosition:
    """A position without a sample."""
    return sample_pb2.MissingPosition(
        modality=modality_to_wire(missing.modality),
        position=position_to_wire(missing.position),
        reason=missing_reason_to_wire(missing.reason),
    )
