"""All exceptions that this project raises on purpose, as one tree.

BiofusionError
├── InvalidInput                 the request itself is wrong; sending it again fails again
│   ├── ImageUndecodable           empty, truncated, or not an image
│   ├── ImageUnsupported           an image of a refused kind (animated, unknown pixel mode)
│   ├── ImageTooLarge              more bytes or pixels than the limits allow
│   ├── ImageTooSmall              fewer pixels than the modality can use
│   ├── ImageTooCostly             decoding takes more time or memory than one image is allowed
│   ├── RecordMalformed            a record of samples is truncated, or contradicts itself
│   ├── RecordUnsupported          a record, or a part of one, of a kind that is not read
│   ├── TemplateMalformed          wrong length, NaN, not unit length, wrong modality
│   ├── PositionInvalid            a position the modality does not have
│   ├── MessageMalformed           bytes that do not parse as the method's request message
│   └── FieldInvalid               any other field: the message and metadata name it
├── PreconditionFailed           the request is well-formed, but cannot be done in the present state
│   ├── AcquisitionFailed          no usable biometric characteristic in the sample: the reason says which
│   ├── TemplateModelMismatch      the template was made by another model
│   ├── ComparatorUncalibrated     no calibration is known for this comparator
│   ├── StoreSetBack               the write behind a consistency token was lost: a backup was restored
│   ├── EncounterChanged           the encounter has other content by now than the write expects
│   ├── LastGallery                the subject would be in no gallery any more
│   ├── JobUnfinished              the job has not come to its end yet
│   ├── SubjectFull                the subject would exceed the limit on stored data per subject
│   └── ShadowOff                  this service records no decisions of other systems
├── SubjectNotFound              no such subject in the store
├── EncounterNotFound            the subject has no such encounter
├── GalleryNotFound              nobody was ever enrolled in this gallery
├── AliasNotFound                no such alias of a gallery
├── FusionModelNotFound          no such fusion model in the store
├── JobNotFound                  no such job, or its results have expired
├── CaseNotFound                 no such review case, or nothing of what was asked for in it
├── AlreadyExists                the id is taken by other content
│   ├── SubjectExists              this subject is enrolled, with other content
│   ├── EncounterExists            this encounter is enrolled, with other content
│   ├── GalleryExists              an alias would hide a gallery that has subjects
│   ├── DuplicateFound             somebody who is enrolled may be the same person
│   └── RequestIdReused            this request id was used for another request
├── DocumentChanged              another writer changed a document of the store meanwhile
│   └── CaseChanged                a review case is not as the person saw it who decides
├── Unavailable                  try again later
│   ├── StoreUnavailable           the store does not answer
│   │   └── RecordUnreadable         a record is damaged, of a newer version, or sealed with another key
│   ├── KeyUnavailable             the key service does not answer
│   ├── AuditUnavailable           the audit log cannot be written, and nothing is answered without a record
│   ├── SnapshotsUnavailable       the folder of the snapshots cannot be read or written
│   ├── ServiceUnavailable         a matching service does not answer, or its answer is not valid
│   ├── ModelUnavailable           a model is missing, or cannot be fetched
│   │   └── ModelCorrupt             a model's bytes are not those of the manifest
│   └── IndexBehind                the index has not yet applied the given consistency token
├── Overloaded                   more requests than can be served before their deadlines
│   └── QuotaExceeded              the caller has asked this more often than the policy allows
├── CallerUnknown                the caller has not proved who it is
├── AccessDenied                 the policy does not allow this caller to do this
├── MethodUnknown                this server has no such method
├── ServiceUnknown               this server has no such service, of which the health was asked
├── DeadlineExpired              the caller's deadline has passed
├── ConfigurationInvalid         a setting cannot be used (raised at start-up, or by the CLI)
│   ├── StoreUnsafe                the Redis server may lose writes that it has acknowledged
│   └── KeyWrong                   the key-encryption key is missing, or not the one that the store was sealed with
├── SnapshotUnusable             internal to the gallery: a snapshot that must not be loaded; the reason says why
└── FeedTruncated                the change feed no longer reaches back that far
    └── FeedSetBack                a backup was restored, so changes already read from the feed never happened

`reason` is the stable UPPER_SNAKE name that callers branch on; `metadata` holds the facts as
short strings. Neither of them, nor the message, may carry biometric data.
"""

from __future__ import annotations

import re
from typing import ClassVar


class BiofusionError(Exception):
    """Root of the tree.

    Args:
        message: one or two sentences for a person: what is wrong and what to do.
        reason: UPPER_SNAKE identifier; by default made from the class name.
        metadata: short string facts, e.g. `{"width": "20000", "limit": "8192"}`.
    """

    default_reason: ClassVar[str] = "BIOFUSION_ERROR"

    def __init_subclass__(cls) -> None:
        cls.default_reason = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).upper()

    def __init__(self, message: str, *, reason: str | None = None, **metadata: str) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.metadata = metadata


class InvalidInput(BiofusionError):
    """The request itself is wrong; sending it again fails again."""


class ImageUndecodable(InvalidInput):
    """The bytes are empty, truncated, or not an image."""


class ImageUnsupported(InvalidInput):
    """An image of a refused kind (animated, unknown pixel mode): its pixels would have to be guessed."""


class ImageTooLarge(InvalidInput):
    """More bytes or pixels than the limits allow."""


class ImageTooSmall(InvalidInput):
    """Fewer pixels than the modality can use."""


class ImageTooCostly(InvalidInput):
    """Decoding takes more time or memory than one image is allowed."""


class RecordMalformed(InvalidInput):
    """A record of samples (ISO/IEC 19794, ANSI/NIST-ITL, CBEFF) is truncated, too large, or contradicts itself."""


class RecordUnsupported(InvalidInput):
    """A record, or a part of one, of a kind that is not read."""


class TemplateMalformed(InvalidInput):
    """The template's bytes do not have the layout of the model named in its model id."""


class PositionInvalid(InvalidInput):
    """The modality does not have this position."""


class FieldInvalid(InvalidInput):
    """A request field has a value that cannot be used. `field` is its path on the wire.

    "" stands for the message that is read; who reads it adds its path (infra/wire/field_paths.py).
    """

    def __init__(self, field: str, message: str, **metadata: str) -> None:
        super().__init__(f"{field}: {message}", field=field, **metadata)
        self.field = field


class MessageMalformed(InvalidInput):
    """The bytes do not parse as the method's request message."""


class PreconditionFailed(BiofusionError):
    """The request is well-formed, but cannot be done in the present state."""


class AcquisitionFailed(PreconditionFailed):
    """No usable biometric characteristic was found in the sample; `reason` says which and why."""


class TemplateModelMismatch(PreconditionFailed):
    """The template was made by another model than the one this comparator reads."""


class ComparatorUncalibrated(PreconditionFailed):
    """No calibration is known for this comparator, so its scores cannot become LLRs."""


class StoreSetBack(PreconditionFailed):
    """The write that returned a consistency token is no longer in the store: a backup was restored."""


class JobUnfinished(PreconditionFailed):
    """The job has not come to its end yet; the metadata says where it stands."""


class SubjectFull(PreconditionFailed):
    """The subject would exceed the limit on stored data per subject; the metadata names the limit."""


class EncounterChanged(PreconditionFailed):
    """The encounter has other references or missing positions by now than the write expects."""


class LastGallery(PreconditionFailed):
    """The subject would be in no gallery any more."""


class ShadowOff(PreconditionFailed):
    """This service records no decisions of other systems: no file was configured for them."""


class SubjectNotFound(BiofusionError):
    """No such subject in the store."""


class EncounterNotFound(BiofusionError):
    """The subject has no encounter of this id."""


class GalleryNotFound(BiofusionError):
    """Nobody was ever enrolled in this gallery."""


class AliasNotFound(BiofusionError):
    """No gallery has this alias."""


class FusionModelNotFound(BiofusionError):
    """No such fusion model in the store."""


class JobNotFound(BiofusionError):
    """There is no such job, or its results have expired."""


class CaseNotFound(BiofusionError):
    """There is no such review case, or nothing of what was asked for in it; `reason` says which."""


class AlreadyExists(BiofusionError):
    """The id is taken by other content."""


class SubjectExists(AlreadyExists):
    """This subject is enrolled already, with other content."""


class EncounterExists(AlreadyExists):
    """This encounter is enrolled already, with other content."""


class GalleryExists(AlreadyExists):
    """The name of an alias is that of a gallery with subjects, which the alias would hide."""


class DuplicateFound(AlreadyExists):
    """Somebody else who is enrolled may be the same person; the metadata's `subject_ids` names up to 20."""


class RequestIdReused(AlreadyExists):
    """This request id was used for another request."""


class DocumentChanged(BiofusionError):
    """Another writer changed a document of the store meanwhile; the metadata says which version it has."""


class CaseChanged(DocumentChanged):
    """A review case is not as the person saw it who decides, e.g. as the verdict was given in another tab."""


class Unavailable(BiofusionError):
    """Try again later."""


class StoreUnavailable(Unavailable):
    """The store does not answer."""


class RecordUnreadable(StoreUnavailable):
    """A record is damaged, of a newer version, or sealed with another key."""


class KeyUnavailable(Unavailable):
    """The service that keeps the key-encryption key does not answer."""


class AuditUnavailable(Unavailable):
    """The audit log cannot be written, e.g. as the disk is full, and nothing is answered without a record."""


class SnapshotsUnavailable(Unavailable):
    """The folder or object store of the snapshots cannot be read or written."""


class ServiceUnavailable(Unavailable):
    """A matching service does not answer, or its answer is not valid; the metadata's `cause` says which."""


class ModelUnavailable(Unavailable):
    """A model is missing, cannot be fetched, or is still loading."""


class ModelCorrupt(ModelUnavailable):
    """A model's bytes are not those of the manifest."""


class IndexBehind(Unavailable):
    """The index has not yet applied the given consistency token."""


class Overloaded(BiofusionError):
    """More requests than can be served before their deadlines.

    Args:
        message: as for BiofusionError.
        retry_after_s: seconds after which the caller should try again.
        metadata: as for BiofusionError.
    """

    def __init__(self, message: str, *, retry_after_s: float = 0.2, **metadata: str) -> None:
        super().__init__(message, **metadata)
        self.retry_after_s = retry_after_s


class CallerUnknown(BiofusionError):
    """The caller has not proved who it is."""


class AccessDenied(BiofusionError):
    """The policy does not allow this caller to do this."""


class QuotaExceeded(Overloaded):
    """The caller has asked this more often than the policy allows."""


class MethodUnknown(BiofusionError):
    """This server has no such method."""


class ServiceUnknown(BiofusionError):
    """This server has no such service, of which the health was asked."""


class DeadlineExpired(BiofusionError):
    """The caller's deadline has passed."""


class ConfigurationInvalid(BiofusionError):
    """A setting cannot be used."""


class StoreUnsafe(ConfigurationInvalid):
    """The Redis server is configured so that it may lose writes that it has acknowledged."""


class KeyWrong(ConfigurationInvalid):
    """The key-encryption key is missing, or is not the one that the store was sealed with."""


class SnapshotUnusable(BiofusionError):
    """A snapshot must not be loaded; `reason` says why (gallery/snapshots/fault.py). The store is read instead."""


class FeedTruncated(BiofusionError):
    """The change feed no longer reaches back to the given token: rebuild from the store."""


class FeedSetBack(FeedTruncated):
    """A backup was restored, so changes already read from the feed never happened: discard all that was read, now."""
