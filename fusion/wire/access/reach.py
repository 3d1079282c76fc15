"""What a request reaches: galleries that it names, subjects that are stored, a job, or everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.template import Modality, Position
from fusion.access.names import EVERYTHING
from fusion.access.needs import Counts, counted
from gallery.subject import DEFAULT_GALLERY
from infra.wire.convert import MODALITIES, known_position

SLAP_FINGERS = 4
"""Most fingers of a slap, besides those of other samples."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one request reaches.

    Args:
        galleries: names as the request states them, aliases too; `*`: all galleries. The call must be allowed in each.
        subjects: ids of stored subjects that the call is about.
        is_whole: True: it must be allowed in all galleries of each subject, as it changes what all of them have; False:
            in one of each subject.
        job: name of the job that the call is about.
        about: ids of subjects that quotas are counted for, stored or not.
    """

    galleries: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    is_whole: bool = False
    job: str = ""
    about: tuple[str, ...] = ()


Reaches = Callable[[Any], Reach]


def nothing(_request: Any) -> Reach:
    """Nothing that is stored, or nothing that belongs to a gallery."""
    return Reach()


def everything(_request: Any) -> Reach:
    """All galleries."""
    return Reach((EVERYTHING,))


def gallery(request: Any) -> Reach:
    """The gallery that is named, or "default"."""
    return Reach((request.gallery or DEFAULT_GALLERY,))


def gallery_or_all(request: Any) -> Reach:
    """The gallery that is named, or all."""
    return Reach((request.gallery or EVERYTHING,))


def alias(request: Any) -> Reach:
    """An alias, and the gallery that it is to stand for."""
    return Reach((request.alias, *([request.gallery] if hasattr(request, "gallery") else [])))


def subject(request: Any) -> Reach:
    """A subject that is read."""
    return Reach(subjects=(request.subject_id,), about=(request.subject_id,))


def whole_subject(request: Any) -> Reach:
    """A subject that is changed, and galleries that are named."""
    galleries = tuple(request.galleries) if hasattr(request, "galleries") else ()
    return Reach(galleries, (request.subject_id,), is_whole=True, about=(request.subject_id,))


def new_case(request: Any) -> Reach:
    """The subjects of a review case, and the gallery that is named."""
    both = (request.subject_id, *([request.probe_subject_id] if request.probe_subject_id else []))
    return Reach((request.gallery,) if request.gallery else (), both, about=both)


def both_subjects(request: Any) -> Reach:
    """Two subjects, one of which becomes part of the other."""
    both = (request.source_subject_id, request.target_subject_id)
    return Reach((), both, is_whole=True, about=both)


def split_subject(request: Any) -> Reach:
    """A subject that is split, and the galleries of the new one."""
    source = (request.source_subject_id,)
    return Reach(tuple(request.galleries), source, is_whole=True, about=(*source, request.new_subject_id))


def enrolment(request: subjects_pb2.EnrollSubjectRequest) -> Reach:
    """The galleries of an enrolment; with `add_encounter` those too that the subject is in."""
    about = (request.subject_id,)
    if request.add_encounter:
        return Reach(tuple(request.galleries), about, is_whole=True, about=about)
    return Reach(tuple(request.galleries) or (DEFAULT_GALLERY,), about=about)


def search(request: decisions_pb2.IdentifySubjectsRequest | decisions_pb2.CheckDuplicatesRequest) -> Reach:
    """The gallery that is searched, and the subject whose encounter it is searched with."""
    probes = (request.enrolled_probe.subject_id,) if request.HasField("enrolled_probe") else ()
    return Reach((request.gallery or DEFAULT_GALLERY,), probes, about=probes)


def explained(request: decisions_pb2.ExplainEvidenceRequest) -> Reach:
    """The subject that is compared with, and that of the enrolled probe."""
    probes = (request.enrolled_probe.subject_id,) if request.HasField("enrolled_probe") else ()
    subjects = tuple(dict.fromkeys((request.subject_id, *probes)))
    return Reach(subjects=subjects, about=subjects)


def scored_subjects(request: Any) -> Reach:
    """Subjects that a matching service scores directly."""
    return Reach((EVERYTHING,), about=tuple(request.subject_ids))


def job(request: Any) -> Reach:
    """A job."""
    return Reach(job=request.name)


def most_samples(samples: Sequence[sample_pb2.Sample]) -> Counts | None:
    """The most different positions that these samples can have, by modality; None: records may hold anything."""
    known, slaps = list[tuple[Modality, Position]](), 0
    for each in samples:
        source = each.WhichOneof("source")
        modality = MODALITIES.known(each.modality or (each.template.modality if source == "template" else 0))
        if source == "record" or modality is None:
            return None
        slaps += bool(each.slap)
        known.append((modality, known_position(each.position)))
    counts = counted(known)
    if slaps:
        counts[Modality.FINGERPRINT] = counts.get(Modality.FINGERPRINT, 0) + SLAP_FINGERS * slaps
    return counts
