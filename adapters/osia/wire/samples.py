"""Samples and missing positions of OSIA's biometric data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from adapters.osia.faults import Refused, bad
from adapters.osia.reading.base64_text import decoded, png_of_pixels
from adapters.osia.wire.names import FORMATS, MODALITIES, POSITIONS, PRESENCES, SLAPS
from biometrics.errors import BiofusionError
from formats.detect import detect

Fetch = Callable[[str, str], Awaitable[bytes]]
"""Takes an address and the path of its field; returns the bytes there, or raises Refused."""
Read = tuple[list[sample_pb2.Sample], list[sample_pb2.MissingPosition]]
_SOURCES = ("image", "imageRef", "template", "templateRef")
_LEAST_DPI, _MOST_DPI = 250, 1000


async def read(data: Sequence[dict[str, Any]], path: str, fetch: Fetch, kinds: Sequence[str] = ()) -> Read:
    """The samples and missing positions of biometric data.

    Args:
        data: checked by `BIOMETRICS`.
        path: of the list, for errors.
        fetch: of bytes that are referred to.
        kinds: only these biometric types; all if there are none.

    Raises:
        Refused: something cannot be honoured, or nothing is left.
    """
    samples: list[sample_pb2.Sample] = []
    missing: list[sample_pb2.MissingPosition] = []
    for index, each in enumerate(data):
        if kinds and each["biometricType"] not in kinds:
            continue
        place = f"{path}[{index}]"
        missing += _missing(each, place)
        if any(name in each for name in _SOURCES):
            samples.append(await _sample(each, place, fetch))
        elif "missing" not in each:
            raise bad(f"{place}: one of {', '.join(_SOURCES)} is needed, or what is missing.")
    if not samples:
        raise bad(f"{path}: it holds no sample.")
    return samples, missing


def _kind(each: dict[str, Any], place: str) -> str:
    kind = str(each["biometricType"])
    if kind not in MODALITIES:
        raise bad(f"{place}.biometricType: FACE, FINGER and IRIS are compared here.")
    return kind


def position_of(kind: str, subtype: str, place: str) -> modality_pb2.Position.ValueType:
    """The position of a subtype. Raises Refused: it is none of this type that is compared here."""
    found = POSITIONS[kind].get(subtype)
    if found is None:
        raise bad(f"{place}.biometricSubType: it is none that is compared for {kind}: {', '.join(POSITIONS[kind])}.")
    return found


def _missing(each: dict[str, Any], place: str) -> list[sample_pb2.MissingPosition]:
    kind = _kind(each, place)
    found = []
    for index, gone in enumerate(each.get("missing", ())):
        position = position_of(kind, gone.get("biometricSubType", "UNKNOWN"), f"{place}.missing[{index}]")
        reason = PRESENCES.get(gone.get("presence", ""), modality_pb2.MISSING_REASON_NOT_CAPTURED)
        found.append(sample_pb2.MissingPosition(modality=MODALITIES[kind], position=position, reason=reason))
    return found


async def _sample(each: dict[str, Any], place: str, fetch: Fetch) -> sample_pb2.Sample:
    (name, *others) = [source for source in _SOURCES if source in each]
    if others:
        raise bad(f"{place}: state one of {', '.join(_SOURCES)}.")
    kind, subtype, field = _kind(each, place), each.get("biometricSubType", "UNKNOWN"), f"{place}.{name}"
    data = await fetch(each[name], field) if name.endswith("Ref") else decoded(each[name], field)
    sample = sample_pb2.Sample(modality=MODALITIES[kind])
    if kind == "FINGER" and subtype in SLAPS and name.startswith("image"):
        sample.slap = SLAPS[subtype]
    else:
        sample.position = position_of(kind, subtype, place)
    if name.startswith("template"):
        _fill_template(sample, each, data, kind, place)
    else:
        _fill_image(sample, each, data, place)
    return sample


def _fill_template(sample: sample_pb2.Sample, each: dict[str, Any], data: bytes, kind: str, place: str) -> None:
    stated = each.get("templateFormat", "ISO_19794_2")
    if kind != "FINGER" or stated not in FORMATS:
        raise bad(f"{place}.templateFormat: templates are read of fingers, in the formats {', '.join(FORMATS)}.")
    sample.record.data, sample.record.format = data, FORMATS[stated]


def _fill_image(sample: sample_pb2.Sample, each: dict[str, Any], data: bytes, place: str) -> None:
    if each.get("compression") == "NONE":
        if not {"width", "height", "bitdepth"} <= set(each):
            raise bad(f"{place}: raw pixels (compression NONE) need width, height and bitdepth.")
        data = png_of_pixels(data, each["width"], each["height"], each["bitdepth"], place)
    elif _is_record(data, place):
        if sample.slap:
            raise bad(f"{place}.biometricSubType: a record says itself what it shows. Leave it out.")
        sample.record.CopyFrom(record_pb2.Record(data=data))
        if sample.position == modality_pb2.POSITION_UNKNOWN:
            sample.ClearField("position")
        return
    sample.image.data = data
    if (resolution := each.get("resolution")) and sample.modality == modality_pb2.MODALITY_FINGERPRINT:
        if not _LEAST_DPI <= resolution <= _MOST_DPI:
            raise bad(f"{place}.resolution: {_LEAST_DPI} to {_MOST_DPI} dots per inch are read.")
        sample.image.resolution_dpi = resolution


def _is_record(data: bytes, place: str) -> bool:
    try:
        return detect(data) is not None
    except BiofusionError as error:
        raise Refused(400, f"{place}.image: {error.reason}: {error.message}") from None
