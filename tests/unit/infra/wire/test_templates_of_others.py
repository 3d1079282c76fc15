"""Templates that bring along those of the same sample by other models: on the wire, and what is stored of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from biofusion.type.v1 import modality_pb2, sample_pb2
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import BiofusionError, TemplateMalformed
from biometrics.template import MAX_OTHERS, Modality, Position, Template
from gallery.subject import Reference
from infra.wire.convert import template_from_wire, template_to_wire

OWN = Template(Modality.FACE, "face-2", b"own")
OTHERS = tuple(Template(Modality.FACE, f"face-{number}", b"other") for number in range(MAX_OTHERS))


def test_others_travel_with_a_template() -> None:
    """The wire carries them, and each takes the modality of its template if it states none."""
    both = replace(OWN, others=OTHERS)
    wire = template_to_wire(both)
    assert both == template_from_wire(wire)
    assert (OWN, *OTHERS) == both.by_each
    wire.others[0].modality = modality_pb2.MODALITY_UNSPECIFIED
    assert both == template_from_wire(wire)
    assert "other" not in repr(both)


def test_others_are_not_stored() -> None:
    """A reference keeps the template alone."""
    assert OWN == Reference(Position.FACE, replace(OWN, others=OTHERS), 50.0).template


def bad() -> list[sample_pb2.Template]:
    """Templates whose others are too many, without data, of another modality, or with others of their own."""
    good = template_to_wire(OWN)
    nested, deep = template_to_wire(OWN), template_to_wire(OWN)
    nested.others.add().CopyFrom(good)
    for _ in range(40):
        outer = sample_pb2.Template(modality=good.modality, model_id="face-2", data=b"own")
        outer.others.add().CopyFrom(deep)
        deep = outer
    iris = replace(OWN, modality=Modality.IRIS)
    cases = [[good] * (MAX_OTHERS + 1), [good] * 10_000, [sample_pb2.Template()], [template_to_wire(iris)], [nested]]
    return [*(sample_pb2.Template(modality=1, model_id="face-2", data=b"own", others=each) for each in cases), deep]


@pytest.mark.parametrize("wire", bad(), ids=["five", "many", "empty", "iris", "nested", "deep"])
def test_others_that_no_service_made_are_refused(wire: sample_pb2.Template) -> None:
    """The error names the field."""
    with pytest.raises(TemplateMalformed) as caught:
        template_from_wire(wire)
    assert caught.value.metadata["field"].startswith("others")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_template_or_a_named_error(data: bytes) -> None:
    """Bytes that parse as a message become a template, or an error of this project."""
    wire = template_to_wire(replace(OWN, others=OTHERS))
    try:
        wire.MergeFromString(data)
    except Exception:  # noqa: BLE001 - bytes that are no message never reach the conversion
        return
    with suppress(BiofusionError):
        assert template_from_wire(wire, Modality.FACE).model_id
