"""Samples for the cases of the kit, each made once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from biometrics.template import Position
from formats.contents import RecordFormat
from infra.models.model_cache import asset
from tests.support.mosip.sdk import segment
from tests.support.records import of_pictures as made

KINDS = ("FACE", "FINGER", "IRIS")
WORDS = {"FACE": (), "FINGER": ("Right", "IndexFinger"), "IRIS": ("Right",)}
SOURCE = {"FACE": "ISO19794_5_2011", "FINGER": "ISO19794_4_2011", "IRIS": "ISO19794_6_2011"}


def good(kind: str, capture: int = 0) -> dict[str, Any]:
    """A usable sample of the first person; another capture of it, but for the face."""
    return segment(kind, _good(kind, capture), *WORDS[kind])


def other(kind: str) -> dict[str, Any]:
    """A usable sample of somebody else."""
    return segment(kind, _other(kind), *WORDS[kind])


def bad(kind: str) -> dict[str, Any]:
    """A valid image with nothing in it."""
    return segment(kind, _blank(kind), *WORDS[kind])


def invalid(kind: str) -> dict[str, Any]:
    """Data that is no record."""
    return segment(kind, b"no record at all" * 8, *WORDS[kind])


def empty(kind: str) -> dict[str, Any]:
    """A segment without data."""
    return segment(kind, b"", *WORDS[kind])


def mislabelled(kind: str) -> dict[str, Any]:
    """A sample of another kind than its header states."""
    return segment(kind, _good("FINGER" if kind != "FINGER" else "FACE", 0), *WORDS[kind])


def elsewhere(kind: str) -> dict[str, Any]:
    """The first person's other finger or eye, by its header and record."""
    if kind == "FINGER":
        return segment(kind, _finger(1, Position.LEFT_THUMB), "Left", "Thumb")
    return segment(kind, _iris(1, 0, Position.LEFT_EYE), "Left")


@cache
def _good(kind: str, capture: int) -> bytes:
    if kind == "FACE":
        return _face(asset("portrait-astronaut"))
    if kind == "FINGER":
        return _finger(1 + capture, Position.RIGHT_INDEX)
    return _iris(1, capture, Position.RIGHT_EYE)


@cache
def _other(kind: str) -> bytes:
    if kind == "FACE":
        return _face(asset("portrait-hopper"))
    if kind == "FINGER":
        return _finger(3, Position.RIGHT_INDEX)
    return _iris(2, 0, Position.RIGHT_EYE)


@cache
def _blank(kind: str) -> bytes:
    grey = np.full((480, 400), 128, np.uint8)
    if kind == "FACE":
        return _face(made.encoded(grey, "JPEG"))
    if kind == "FINGER":
        return made.finger_records(grey, Position.RIGHT_INDEX)[RecordFormat.ISO_19794_4_2011]
    return made.eye_records(grey, Position.RIGHT_EYE)[RecordFormat.ISO_19794_6_2011]


def _face(portrait: bytes) -> bytes:
    if portrait[:2] != b"\xff\xd8":
        portrait = made.encoded(made.decode(portrait).pixels, "JPEG", quality=98)
    return made.face_records(portrait)[RecordFormat.ISO_19794_5_2011]


def _finger(number: int, position: Position) -> bytes:
    return made.finger_records(made.finger(number), position)[RecordFormat.ISO_19794_4_2011]


def _iris(identity: int, capture: int, position: Position) -> bytes:
    return made.eye_records(made.eye(identity, capture), position)[RecordFormat.ISO_19794_6_2011]
