"""The inner objects of requests → values."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.envelope import Json
from adapters.mosip_biosdk.segments import TYPES, Segment, read

MOST_GALLERY = 1000
"""Records that one probe is compared with."""


@dataclass(frozen=True, slots=True)
class Samples:
    """What check-quality and extract-template work on.

    Args:
        sample: its segments.
        modalities: of them that are meant; all if the request names none.
    """

    sample: tuple[Segment, ...]
    modalities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What match works on.

    Args:
        probe: as it came.
        gallery: the segments of each record that it is compared with.
    """

    probe: Samples
    gallery: tuple[tuple[Segment, ...], ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What convert-format works on.

    Args:
        samples: as they came.
        source: format of the data, e.g. ISO19794_4_2011.
        target: format that is wanted, e.g. IMAGE/PNG.
    """

    samples: Samples
    source: str
    target: str


def samples(request: Json, modalities: str) -> Samples:
    """The sample of a request.

    Args:
        request: the inner object.
        modalities: the key of the modalities that are meant.

    Raises:
        Refused: a part is missing, or not of its form.
    """
    return Samples(read(request.get("sample"), "sample"), _modalities(request.get(modalities), modalities))


def match(request: Json) -> Match:
    """What to compare. Raises as `samples`."""
    gallery = request.get("gallery")
    if gallery is None:
        raise Refused(Status.MISSING_INPUT, "gallery is missing.")
    if not isinstance(gallery, list) or not 1 <= len(gallery) <= MOST_GALLERY:
        raise Refused(Status.INVALID_INPUT, f"gallery is no list of 1 to {MOST_GALLERY} records.")
    probe = samples(request, "modalitiesToMatch")
    return Match(probe, tuple(read(each, f"gallery[{index}]") for index, each in enumerate(gallery)))


def conversion(request: Json) -> Conversion:
    """What to convert. Raises as `samples`."""
    return Conversion(
        samples(request, "modalitiesToConvert"), _word(request, "sourceFormat"), _word(request, "targetFormat")
    )


def _modalities(value: object, name: str) -> tuple[str, ...]:
    if value is None or value == []:
        return TYPES
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refused(Status.INVALID_INPUT, f"{name} is no list of words.")
    if not set(value) <= set(TYPES):
        raise Refused(Status.INVALID_INPUT, f"{name} names something other than {', '.join(TYPES)}.")
    return tuple(dict.fromkeys(value))


def _word(request: Json, name: str) -> str:
    value = request.get(name)
    if value is None:
        raise Refused(Status.MISSING_INPUT, f"{name} is missing.")
    if not isinstance(value, str):
        raise Refused(Status.INVALID_INPUT, f"{name} is no text.")
    return value
