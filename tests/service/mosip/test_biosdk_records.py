"""Records of every format in segments: what the SDK reads, and what it says of those that it does not."""

from __future__ import annotations

from functools import cache

import pytest

from biometrics.template import Position
from formats.cbeff.write import DataBlock
from formats.cbeff.write import write as write_cbeff
from formats.contents import RecordFormat
from infra.models.model_cache import asset
from tests.support.mosip.sdk import Client, record, segment
from tests.support.records import of_pictures as made
from tests.support.records.image_records import fir_2011

FINGER, EYE = ("Right", "IndexFinger"), ("Left",)
SLAP = ("Right", "IndexFinger", "MiddleFinger", "RingFinger", "LittleFinger")


READ = (
    *(f"FACE {form}" for form in ("ISO_19794_5_2005", "ISO_19794_5_2011", "ISO_39794_5")),
    *(f"FINGER {form}" for form in ("ISO_19794_4_2005", "ISO_19794_4_2011")),
    *(f"IRIS {form}" for form in ("ISO_19794_6_2005", "ISO_19794_6_2011")),
)


@cache
def records() -> dict[str, tuple[str, bytes, tuple[str, ...]]]:
    """One sample in each format of images but ANSI/NIST, by name: its type, data and subtype."""
    kinds = (
        ("FINGER", made.finger_records(made.finger(1), Position.RIGHT_INDEX), FINGER),
        ("IRIS", made.eye_records(made.eye(71), Position.LEFT_EYE), EYE),
        ("FACE", made.face_records(asset("portrait-astronaut")), ()),
    )
    return {
        f"{kind} {form.name}": (kind, data, words)
        for kind, found, words in kinds
        for form, data in found.items()
        if form is not RecordFormat.ANSI_NIST
    }


@pytest.mark.parametrize("name", READ)
def test_what_is_read(sdk: Client, name: str) -> None:
    """A template is made of each, which matches the sample that it was made of."""
    kind, data, words = records()[name]
    sample = record(segment(kind, data, *words))
    found = sdk.ask("extract-template", {"sample": sample})["response"]
    assert 200 == found["statusCode"], found["statusMessage"]
    asked = {"sample": found["response"], "gallery": [sample], "modalitiesToMatch": [kind]}
    (decided,) = sdk.ask("match", asked)["response"]["response"]
    assert "MATCHED" == decided["decisions"][kind]["match"]


NOT_READ = (
    "a slap",
    "a slap as one finger",
    "a slap of ANSI/NIST",
    "a print of ANSI/NIST",
    "a CBEFF document",
    "a picture",
)


@cache
def refused() -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """Data of fingers that are no sample of one finger, by name, with their subtypes."""
    hand = made.slap()
    finger = made.finger_records(made.finger(1), Position.RIGHT_INDEX)[RecordFormat.ISO_19794_4_2011]
    return {
        "a slap": (fir_2011(made.raw(hand.gray, 13)), SLAP),
        "a slap as one finger": (fir_2011(made.raw(hand.gray, 13)), FINGER),
        "a slap of ANSI/NIST": (made.nist_slap(hand.gray), SLAP),
        "a print of ANSI/NIST": (made.nist_prints((Position.RIGHT_INDEX, made.finger(1))), FINGER),
        "a CBEFF document": (write_cbeff([DataBlock(finger, Position.RIGHT_INDEX)]), FINGER),
        "a picture": (asset("finger-1"), FINGER),
    }


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_read(sdk: Client, name: str) -> None:
    """It is invalid, and the message says which segment: a segment holds one sample, in a record of ISO/IEC."""
    data, words = refused()[name]
    sample = record(segment("FINGER", data, *words))
    asked = {"sample": sample, "gallery": [sample], "sourceFormat": "ISO19794_4_2011", "targetFormat": "IMAGE/PNG"}
    for operation in ("check-quality", "extract-template", "match", "convert-format"):
        answer = sdk.ask(operation, asked)["response"]
        assert 401 == answer["statusCode"], (operation, answer["statusMessage"])
        assert "segments[0]" in answer["statusMessage"]
