"""Use case "update": replaces the samples of an encounter, or changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from biometrics.sample import Sample
from fusion.requests.absent import require_absent
from fusion.requests.sample_bytes import sample_bytes
from fusion.samples.probes import Matchers, Probe
from fusion.samples.quality_gate import NO_GATE, MinQuality
from fusion.use_cases.enroll import references_of
from fusion.use_cases.usable_samples import check_samples
from gallery.store.port import SubjectStore
from gallery.store.rules import subject_not_found
from gallery.store.values import ConsistencyToken
from gallery.subject import Encounter, Missing, check_id
from infra.requests.idempotence import check_request_id, digest_of


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """An encounter and what it is to hold.

    Args:
        request_id: UUID version 4; repetitions of one request share it.
        subject_id: the subject.
        encounter_id: its encounter.
        samples: 1–64, in place of all that there were.
        missing: positions without a sample.

    Raises:
        FieldInvalid: an id has the wrong form, or a position has a sample and is stated as missing.
    """

    request_id: str
    subject_id: str
    encounter_id: str
    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "request_id", check_request_id(self.request_id))
        check_id(self.subject_id, "subject_id")
        check_id(self.encounter_id, "encounter_id")
        require_absent(self.missing, self.samples)

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over everything but the request id."""
        facts = ["update", self.subject_id, self.encounter_id]
        facts += [f"{each.modality}/{each.position}/{each.reason}" for each in self.missing]
        return digest_of([*map(str.encode, facts), *map(sample_bytes, self.samples)])


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """Result of an update: the token of the write, the probes (none for a repetition), and whether it was one."""

    token: ConsistencyToken
    probes: tuple[Probe, ...]
    replayed: bool


async def update(
    request: UpdateRequest,
    matchers: Matchers,
    store: SubjectStore,
    timeout_s: float,
    min_quality: MinQuality = NO_GATE,
) -> UpdateResult:
    """Extract every sample, then replace those of the encounter in one transaction. Idempotent under the request id.

    Raises:
        RequestIdReused: the request id was used for another request.
        SubjectNotFound, EncounterNotFound: there is no such encounter.
        SubjectFull: the subject would exceed the limit on stored data per subject.
        AcquisitionFailed, ServiceUnavailable: a sample has no template or too low a quality; nothing was changed.
    """
    digest = request.digest
    before = await store.before(request.request_id, digest, request.subject_id)
    if before.done is not None:
        return UpdateResult(before.done, (), replayed=True)
    if not before.subject_exists:
        raise subject_not_found(request.subject_id)
    probes = await check_samples(request.samples, matchers, timeout_s, min_quality)
    encounter = Encounter(request.encounter_id, datetime.now(UTC), references_of(probes), request.missing)
    receipt = await store.replace_encounter(request.subject_id, encounter, request.request_id, digest)
    return UpdateResult(receipt.token, () if receipt.replayed else tuple(probes), receipt.replayed)
