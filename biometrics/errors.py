"""Every error this project raises on purpose.

BiofusionError
├── InvalidInput                 the caller's request cannot be served as it is
│   ├── ImageUndecodable           empty, truncated, or not an image
│   ├── ImageUnsupported           an image of a kind that is refused (animated, unknown pixel mode)
│   ├── ImageTooLarge              more bytes or pixels than the limits allow
│   ├── ImageTooSmall              fewer pixels than the modality can use
│   ├── ImageTooCostly             decoding it takes more time or memory than one image may
│   ├── TemplateMalformed          wrong length, NaN, not unit length, wrong modality
│   ├── PositionInvalid            a position the modality does not have
│   ├── MessageMalformed           bytes that are not the message that the method takes
│   └── FieldInvalid               any other field: the message and metadata name it
├── PreconditionFailed           well-formed, but it cannot be done
│   ├── AcquisitionFailed          no usable biometric characteristic: the reason says which
│   ├── TemplateModelMismatch      the template was made by another model
│   ├── ComparatorUncalibrated     no calibration is known for this comparator
│   ├── StoreSetBack               the write of a consistency token was lost: a backup was restored
│   └── SubjectFull                a subject would have more than may be kept of one
├── SubjectNotFound              no such subject in the store
├── GalleryNotFound              nobody was ever enrolled in this gallery
├── FusionModelNotFound          no such fusion model in the store
├── AlreadyExists                the id is taken, by other content
│   ├── SubjectExists              this subject is enrolled, with other content
│   ├── EncounterExists            this encounter is enrolled, with other content
│   └── RequestIdReused            this request id was used for another request
├── Unavailable                  try again later
│   ├── StoreUnavailable           the store does not answer
│   ├── ServiceUnavailable         a matching service does not answer, or not so that it can be understood
│   ├── ModelUnavailable           a model is missing, or cannot be fetched
│   │   └── ModelCorrupt             a model's bytes are not those of the manifest
│   └── IndexBehind                the index has not yet applied the given consistency token
├── Overloaded                   more is asked for than can be done in its time
├── MethodUnknown                this server has no such method
├── DeadlineExpired              the caller's time is used up
├── ConfigurationInvalid         a setting cannot be used (raised at start-up, or by the CLI)
│   └── StoreUnsafe                the Redis server may lose what it has acknowledged
└── FeedTruncated                internal to the gallery: the feed no longer reaches back that far
    └── FeedSetBack                and what was read of it is not true any more: a backup was restored

`reason` is the stable UPPER_SNAKE name that callers branch on; `metadata` says what was wrong in
short strings. Neither they nor the message may carry biometric data.
"""

from __future__ import annotations

import re
from typing import ClassVar


class BiofusionError(Exception):
    """Root of the tree. `message` says what is wrong and what to do.

    Args:
        message: one or two sentences for a person.
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
    """The caller's request cannot be served as it is."""


class ImageUndecodable(InvalidInput):
    """The bytes are empty, truncated, or no image."""


class ImageUnsupported(InvalidInput):
    """An image of a kind that is refused rather than guessed at."""


class ImageTooLarge(InvalidInput):
    """More bytes or pixels than the limits allow."""


class ImageTooSmall(InvalidInput):
    """Fewer pixels than the modality can use."""


class ImageTooCostly(InvalidInput):
    """Decoding it takes more time or memory than one image may have."""


class TemplateMalformed(InvalidInput):
    """The template's bytes are not what its model id promises."""


class PositionInvalid(InvalidInput):
    """The modality does not have this position."""


class FieldInvalid(InvalidInput):
    """A request field has a value that cannot be used. `field` is its path on the wire."""

    def __init__(self, field: str, message: str, **metadata: str) -> None:
        super().__init__(f"{field}: {message}", field=field, **metadata)
        self.field = field


class MessageMalformed(InvalidInput):
    """The bytes are not the message that the method takes."""


class PreconditionFailed(BiofusionError):
    """The request is well-formed, but it cannot be done."""


class AcquisitionFailed(PreconditionFailed):
    """No usable biometric characteristic was found; `reason` says which and why."""


class TemplateModelMismatch(PreconditionFailed):
    """The template was made by another model than this comparator understands."""


class ComparatorUncalibrated(PreconditionFailed):
    """No calibration is known for this comparator, so its scores cannot become evidence."""


class StoreSetBack(PreconditionFailed):
    """A write that a consistency token stands for is not in the store any more."""


class SubjectFull(PreconditionFailed):
    """A subject would have more than may be kept of one; the metadata names the limit."""


class SubjectNotFound(BiofusionError):
    """No such subject in the store."""


class GalleryNotFound(BiofusionError):
    """Nobody was ever enrolled in this gallery."""


class FusionModelNotFound(BiofusionError):
    """No such fusion model in the store."""


class AlreadyExists(BiofusionError):
    """The id is taken, by other content."""


class SubjectExists(AlreadyExists):
    """This subject is enrolled already."""


class EncounterExists(AlreadyExists):
    """This encounter is enrolled already, with other content."""


class RequestIdReused(AlreadyExists):
    """This request id was used for another request."""


class Unavailable(BiofusionError):
    """Try again later."""


class StoreUnavailable(Unavailable):
    """The store does not answer."""


class ServiceUnavailable(Unavailable):
    """A matching service does not answer, or not so that it can be understood; the fact `cause` says which."""


class ModelUnavailable(Unavailable):
    """A model is missing or still loading."""


class ModelCorrupt(ModelUnavailable):
    """A model's bytes are not those of the manifest."""


class IndexBehind(Unavailable):
    """The index has not yet applied the given consistency token."""


class Overloaded(BiofusionError):
    """More is asked for than can be done in its time.

    Args:
        retry_after_s: when it may be otherwise.
    """

    def __init__(self, message: str, *, retry_after_s: float = 0.2, **metadata: str) -> None:
        super().__init__(message, **metadata)
        self.retry_after_s = retry_after_s


class MethodUnknown(BiofusionError):
    """This server has no such method."""


class DeadlineExpired(BiofusionError):
    """The caller's time is used up."""


class ConfigurationInvalid(BiofusionError):
    """A setting cannot be used."""


class StoreUnsafe(ConfigurationInvalid):
    """The store's server is configured so that it may lose writes it has acknowledged."""


class FeedTruncated(BiofusionError):
    """The change feed no longer reaches back to the given token: rebuild from the store."""


class FeedSetBack(FeedTruncated):
    """The position that was read is in the feed no more: what was read up to it is to be forgotten at once."""
