"""The request to enrol one encounter: its checks, and the digest that recognises a repetition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from biometrics.errors import FieldInvalid
from biometrics.sample import EncodedImage, EncodedMinutiae, Sample, SlapImage
from biometrics.template import Position, Template
from fusion.decision.decision import MOST_FPIR, check_rate
from fusion.duplicates.policy import OnDuplicate
from fusion.requests.idempotence import check_request_id, digest_of
from fusion.requests.limits import require_few
from gallery.store.limits import MAX_GALLERIES
from gallery.subject import Missing, check_id


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """One encounter to be enrolled.

    Args:
        request_id: UUID version 4; repetitions of one request share it.
        subject_id: the subject of the encounter.
        galleries: up to 64 galleries to add the subject to; none means "default" for a new subject.
        encounter_id: "" to make one from the request id.
        samples: 1–64.
        missing: positions without a sample.
        add_encounter: False: the subject must be new; True: it must exist.
        on_duplicate: whether others who may be the same person are searched for, and what is done if there are any.
        duplicate_fpir: false positive identification rate of that search; None means the default.
        expire_time: from when on the encounter is deleted; None: never.
        skip_unusable: whether samples that cannot be used are left out.

    Raises:
        FieldInvalid: an id has the wrong form, there are more galleries than allowed, a position has a sample and is
            stated as missing, or the rate is out of range.
    """

    request_id: str
    subject_id: str
    galleries: tuple[str, ...]
    encounter_id: str
    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...]
    add_encounter: bool
    on_duplicate: OnDuplicate = OnDuplicate.UNCHECKED
    duplicate_fpir: float | None = None
    expire_time: datetime | None = None
    skip_unusable: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "request_id", check_request_id(self.request_id))
        check_id(self.subject_id, "subject_id")
        require_few("galleries", self.galleries, MAX_GALLERIES)
        for number, gallery in enumerate(self.galleries):
            check_id(gallery, f"galleries[{number}]")
        if self.encounter_id:
            check_id(self.encounter_id, "encounter_id")
        if self.duplicate_fpir is not None:
            check_rate("duplicate_fpir", self.duplicate_fpir, MOST_FPIR)
        sampled = {(each.modality, each.position) for each in self.samples if each.position is not Position.UNKNOWN}
        for each in self.missing:
            if (each.modality, each.position) in sampled:
                raise FieldInvalid("missing", f"{each.position} has a sample too. Leave one of the two out.")

    @property
    def stored_encounter_id(self) -> str:
        """The encounter's id; made from the request id if the caller gives none."""
        return self.encounter_id or f"encounter-{self.request_id}"

    @property
    def is_checked(self) -> bool:
        """Whether others who may be the same person are searched for."""
        return self.on_duplicate is not OnDuplicate.UNCHECKED

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over everything but the request id."""
        facts = ["enroll", self.subject_id, *self.galleries, "/", self.encounter_id, str(self.add_encounter)]
        facts += [f"{self.on_duplicate}/{self.duplicate_fpir}"] if self.is_checked else []
        facts += [f"expire/{self.expire_time}"] if self.expire_time else []
        facts += [f"{each.modality}/{each.position}/{each.reason}" for each in self.missing]
        return digest_of([*(fact.encode() for fact in facts), *map(_sample_bytes, self.samples)])


def _sample_bytes(sample: Sample) -> bytes:
    return f"{sample.modality}/{sample.position}/{_detail(sample)}/".encode() + sample.source.data


def _detail(sample: Sample) -> str:
    """What belongs to a sample beside its bytes."""
    match sample.source:
        case EncodedImage() as image:
            return _resolution(image)
        case SlapImage(image, slap, segments, missing):
            return f"{_resolution(image)}/{slap}/{segments}/{missing}"
        case EncodedMinutiae() as minutiae:
            return f"{minutiae.format}/{sample.template_quality}"
        case Template() as template:
            return f"{template.model_id}/{sample.template_quality}"


def _resolution(image: EncodedImage) -> str:
    both = (image.resolution_dpi, image.vertical_dpi) if image.vertical_dpi else (image.resolution_dpi,)
    return "×".join(map(str, both))
