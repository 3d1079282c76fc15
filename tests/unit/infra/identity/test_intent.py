from __future__ import annotations

import pytest

from biometrics.errors import FieldInvalid
from infra.identity.intent import CASE_HEADER, OFFICER_HEADER, PURPOSE_HEADER, Intent


def test_an_intent_survives_its_way_through_metadata() -> None:
    """What a client sends is what the server reads, and what is not stated is empty."""
    intent = Intent("border-control", "2026/17", "officer-9f")
    assert Intent.from_metadata((("x-other", "1"), *intent.metadata)) == intent
    assert Intent.from_metadata(Intent(purpose="enrolment").metadata) == Intent("enrolment")
    assert Intent.from_metadata(None) == Intent()


@pytest.mark.parametrize("key", [PURPOSE_HEADER, CASE_HEADER, OFFICER_HEADER])
@pytest.mark.parametrize("value", ["", "two words", "line\nend", "ü", "a" * 129, b"bytes"])
def test_text_that_could_forge_a_record_is_refused(key: str, value: object) -> None:
    """Values with other characters, or too long, are refused by the name of their key, and not quoted."""
    with pytest.raises(FieldInvalid) as caught:
        Intent.from_metadata([(key, value)])
    assert caught.value.metadata["field"] == key


def test_two_purposes_are_refused() -> None:
    """A value that is stated twice is refused, as it is not known which one holds."""
    with pytest.raises(FieldInvalid, match="twice"):
        Intent.from_metadata([(PURPOSE_HEADER, "a"), (PURPOSE_HEADER, "b")])
