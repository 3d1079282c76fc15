"""Opens cases: once for each request, and only about subjects that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from biometrics.errors import FieldInvalid, PreconditionFailed, RequestIdReused
from gallery.store.rules import subject_not_found
from infra.requests.idempotence import derived_uuid
from review.case import Callback, Case, Event
from review.keeping.vault import Label
from review.options import MOST_SEALED_S
from review.reviewing.kept import Kept
from review.states import ReviewState

HIGHEST, DEFAULT = 9, 5
"""Priorities."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that is to be opened.

    Args:
        request_id: a UUID; equal for all tries of one request.
        digest: of the request without the decision, which may be another one in a later try.
        subject_id: the candidate.
        evidence: what the case is about.
        contents: what is to be sealed, by place.
        probe_subject_id: the enrolled subject that was searched with; "" if there is none.
        gallery: as stated.
        caller_reference: the caller's own.
        opened_by: name of the caller.
        callback: whom to tell of the end; "" for nobody.
        priority: 0 to 9; None: the default.
        due_time: seconds since 1970; None: the default.
        sealed_expire_time: likewise.
    """

    request_id: str
    digest: str
    subject_id: str
    evidence: bytes = field(repr=False)
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    probe_subject_id: str = ""
    gallery: str = ""
    caller_reference: str = ""
    opened_by: str = ""
    callback: str = ""
    priority: int | None = None
    due_time: float | None = None
    sealed_expire_time: float | None = None


async def opened(kept: Kept, new: NewCase) -> tuple[Case, bool]:
    """The case of a request, and whether it had been opened before.

    1. A case that an earlier try opened is the answer.
    2. Take a key if anything is to be sealed; write the evidence, then the case with the place of its key.
    3. Seal. If the subject was erased meanwhile, its case is withdrawn at once.

    Raises:
        FieldInvalid: a time, the priority or the callback cannot be used.
        PreconditionFailed: IMAGES_NOT_KEPT.
        RequestIdReused: the request id was used for another request.
        SubjectNotFound: there is no such subject.
        StoreUnavailable, KeyUnavailable: the store or the key service does not answer.
    """
    case = _case(kept, new)
    known = await kept.cases.find(case.id)
    if known is None:
        missing = await _missing(kept, new)
        if missing:
            raise subject_not_found(missing)
        written = await _written(kept, new, case)
        known = written or await kept.cases.find(case.id)
        if known is None:  # opened and removed meanwhile
            raise _reused(new.request_id)
    else:
        written = None
    if known.digest != new.digest:
        raise _reused(new.request_id)
    if known.key and new.contents:
        await kept.vault.seal(Label(known.id, known.sealed_expire_time), known.key, new.contents)
    if written and await _missing(kept, new):
        known = await kept.erase_subject(known)
    return known, written is None


async def _missing(kept: Kept, new: NewCase) -> str:
    """The subject of the case that does not exist; "" if all do."""
    for each in filter(None, (new.subject_id, new.probe_subject_id)):
        if not await kept.subjects.exists(each):
            return each
    return ""


async def _written(kept: Kept, new: NewCase, case: Case) -> Case | None:
    name = await kept.subjects.name_of(new.subject_id)
    probe = await kept.subjects.name_of(new.probe_subject_id) if new.probe_subject_id else ""
    key = await kept.vault.new_key(case.id) if new.contents else ""
    await kept.evidence.put(case.id, new.evidence)
    written = await kept.cases.add(replace(case, subject_name=name, probe_subject_name=probe, key=key))
    if written is None and key:
        await kept.vault.destroy_key(case.id, key)
    return written


def _case(kept: Kept, new: NewCase) -> Case:
    now, options = kept.clock(), kept.options
    if new.contents and not options.keeps_images:
        raise PreconditionFailed(
            "Pictures and templates are not kept here. Send image_reference instead; the operator can allow them by "
            "BIOFUSION_REVIEW_KEEP_IMAGES.",
            reason="IMAGES_NOT_KEPT",
        )
    if new.callback:
        options.origins.target(new.callback)
    priority = DEFAULT if new.priority is None else new.priority
    if not 0 <= priority <= HIGHEST:
        raise FieldInvalid("priority", f"0 to {HIGHEST} is allowed.")
    return Case(
        id=derived_uuid(f"review\n{new.request_id}"),
        state=ReviewState.OPEN,
        revision=1,
        priority=priority,
        create_time=now,
        update_time=now,
        due_time=_time("due_time", new.due_time, now, options.due_s, options.expiry_s),
        expire_time=now + options.expiry_s,
        subject_id=new.subject_id,
        subject_name="",
        probe_subject_id=new.probe_subject_id,
        gallery=new.gallery,
        caller_reference=new.caller_reference,
        opened_by=new.opened_by,
        digest=new.digest,
        history=(Event(now, ReviewState.OPEN, new.opened_by),),
        sealed_expire_time=_time("sealed_expire_time", new.sealed_expire_time, now, options.sealed_s, MOST_SEALED_S)
        if new.contents
        else 0.0,
        callback=Callback(new.callback),
    )


def _time(field: str, stated: float | None, now: float, default_s: float, most_s: float) -> float:
    if stated is None:
        return now + min(default_s, most_s)
    if not now < stated <= now + most_s:
        raise FieldInvalid(field, f"it must be in the future, and at most {most_s / 3600:g} hours from now.")
    return stated


def _reused(request_id: str) -> RequestIdReused:
    return RequestIdReused("This request id was used for another case. Use a new one for each.", request_id=request_id)
