"""Writes for a backend, with defaults for tests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from biometrics.template import Modality
from gallery.store.backend import EncounterRow, ReferenceRow, Request, StoreIdentity, Write
from gallery.store.keyed_names import request_hash, request_name
from gallery.store.values import ChangeKind
from gallery.subject import DEFAULT_GALLERY


def request(request_id: str = "", content: str = "d") -> Request:
    """A request; a new one if it has no id."""
    request_id = request_id or str(uuid.uuid4())
    return Request(request_name(request_id), request_hash(request_id, content))


def put(
    identity: StoreIdentity,
    subject_id: str,
    *,
    expected: bytes = b"",
    head: bytes = b"head 1",
    number: int = 0,
    galleries: Sequence[str] = (DEFAULT_GALLERY,),
    modalities: Sequence[Modality] = (Modality.FACE,),
    of: Request | None = None,
) -> Write:
    """A write that adds encounter `e<number>` with one reference row for each modality."""
    return Write(
        key=identity.key(subject_id),
        subject_id=subject_id,
        request=of or request(),
        expected=expected,
        head=head,
        kind=ChangeKind.PUT,
        joined=tuple(galleries),
        encounters=(EncounterRow(f"e{number}", number, b"record"),),
        references=tuple(ReferenceRow(number, each, True, sealed(subject_id, number, each)) for each in modalities),
    )


def erasure(
    identity: StoreIdentity,
    subject_id: str,
    *,
    expected: bytes = b"head 1",
    galleries: Sequence[str] = (DEFAULT_GALLERY,),
    key_slots: Sequence[bytes] = (),
    of: Request | None = None,
) -> Write:
    """A write that erases a subject."""
    return Write(
        key=identity.key(subject_id),
        subject_id=subject_id,
        request=of or request(),
        expected=expected,
        head=b"",
        kind=ChangeKind.DELETE,
        left=tuple(galleries),
        key_slots=tuple(key_slots),
    )


def sealed(subject_id: str, number: int, modality: Modality) -> bytes:
    """What stands for sealed references."""
    return f"{subject_id} {number} {modality}".encode()


def ids_by_partition(identity: StoreIdentity, count: int) -> dict[int, list[str]]:
    """`count` ids of each partition."""
    found: dict[int, list[str]] = {partition: [] for partition in range(identity.partition_count)}
    number = 0
    while min(len(each) for each in found.values()) < count:
        own = found[identity.key(f"s{number}").partition]
        if len(own) < count:
            own.append(f"s{number}")
        number += 1
    return found
