"""Paths of fields that a matching service refuses, as a caller of fusion has to read them."""

from __future__ import annotations

import pytest

from biometrics import errors
from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.samples.probe_extraction import checked, extract_probes, not_of_the_request
from fusion.samples.probes import Probe
from infra.wire.field_paths import located
from tests.unit.fusion.matching.odd_service import CALLS, Odd, image_of, matcher_of
from tests.unit.fusion.world import template

EYE = Position.LEFT_EYE


@pytest.mark.parametrize("field", ["image", "image.resolution_dpi", "position"])
async def test_what_is_wrong_with_an_image_is_a_field_of_its_sample(field: str) -> None:
    """The path of the service's request goes on behind that of the sample; an older service says none."""
    refused = located(errors.ImageUndecodable("Not this one."), field)
    for answer, path in ((refused, f"samples[0].{field}"), (errors.ImageUndecodable("Not this one."), "samples[0]")):
        async with matcher_of(Odd(answer)) as matcher:
            with pytest.raises(errors.InvalidInput) as caught:
                await extract_probes([Sample(Modality.IRIS, EYE, image_of())], {Modality.IRIS: matcher}, 5.0)
        assert (path, f"{path}: Not this one.") == (caught.value.metadata["field"], caught.value.message)


async def test_what_is_wrong_with_a_probe_is_a_field_of_its_template() -> None:
    """A template is the probe of a comparison, which a caller of fusion has not asked for."""
    refused = located(errors.TemplateMalformed("Not this one."), "probe.data")
    probe = Probe.of_template(Sample(Modality.IRIS, EYE, template(Modality.IRIS, "ann")), 2)
    async with matcher_of(Odd(refused)) as matcher:
        with pytest.raises(errors.InvalidInput, match=r"samples\[2\].template.data: Not this one.") as caught:
            await checked(probe, {Modality.IRIS: matcher}, 5.0)
    assert "samples[2].template.data" == caught.value.metadata["field"]


async def test_a_fault_of_a_reference_is_no_field_of_the_request() -> None:
    """The caller of fusion has sent no references."""
    refused = located(errors.TemplateMalformed("Not this one."), "references[3]")
    async with matcher_of(Odd(refused)) as matcher:
        with pytest.raises(errors.InvalidInput) as caught:
            await CALLS["compare"](matcher)
    assert ("Not this one.", {}) == (not_of_the_request(caught.value).message, caught.value.metadata)
