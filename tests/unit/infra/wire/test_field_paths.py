from __future__ import annotations

import pytest

from biometrics.errors import AcquisitionFailed, FieldInvalid, ImageTooSmall, TemplateModelMismatch
from infra.wire.field_paths import at, each_located, located, relocated


def test_a_path_grows_from_the_inside() -> None:
    """Each message adds its name, in the text and in the metadata."""
    with pytest.raises(FieldInvalid) as caught, at("samples[0]"), at("image"):
        raise FieldInvalid("resolution_dpi", "250 to 1000 is allowed.")
    expected = "samples[0].image.resolution_dpi"
    assert (expected, f"{expected}: 250 to 1000 is allowed.") == (caught.value.metadata["field"], caught.value.message)


def test_an_error_of_a_whole_message_is_named_by_the_message() -> None:
    """Neither an error without a path nor an empty one leaves a dot."""
    for error in (FieldInvalid("", "Send one."), ImageTooSmall("Send one.")):
        assert ("probe", "probe: Send one.") == (located(error, "probe").metadata["field"], error.message)


def test_the_head_of_a_path_is_exchanged_or_left_out() -> None:
    """What a matching service calls its probe, a caller of fusion calls a template; other paths stay."""
    error = located(TemplateModelMismatch("Old."), "probe.data")
    assert "template.data: Old." == relocated(error, "probe", "template").message
    assert "template.data: Old." == relocated(error, "probe", "").message
    stray = located(TemplateModelMismatch("Old."), "references[3]")
    assert ("Old.", {}) == (relocated(stray, "references", "").message, stray.metadata)


def test_an_error_of_no_field_gets_no_field() -> None:
    """A sample that cannot be used is named in the text; it is no wrong field."""

    def fail(_wire: int) -> None:
        raise AcquisitionFailed("Nothing there.")

    with pytest.raises(AcquisitionFailed) as caught:
        list(each_located(fail, [0], "samples"))
    assert ("samples[0]: Nothing there.", {}) == (caught.value.message, caught.value.metadata)
