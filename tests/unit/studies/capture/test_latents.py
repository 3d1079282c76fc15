"""Latent prints against other impressions."""

from __future__ import annotations

from biometrics.errors import AcquisitionFailed
from biometrics.quality import Quality
from biometrics.template import Position, Template
from infra.images.decode import Image
from services.extraction import Extraction
from studies.capture.latents import Left, compared, left_by
from tests.unit.services.fingerprint.areas import arched_finger
from tests.unit.studies.capture.test_small_prints import template_of


class _Extractor:
    """Gives one template, or none."""

    def __init__(self, template: Template | None) -> None:
        self._template = template

    def extract(self, image: Image, position: Position) -> Extraction[None]:
        if self._template is None:
            raise AcquisitionFailed("nothing", reason="TOO_FEW_MINUTIAE")
        return Extraction(self._template, Quality(30.0), None)


def test_a_latent_is_not_compared_with_the_impression_it_was_made_of() -> None:
    """Of two other impressions of its finger one is stored; those of another finger are not mated."""
    image = Image(arched_finger(), 500.0)
    fingers = [("a", "1")] * 3 + [("b", "1")]
    stored = [template_of(1), template_of(1), None, template_of(2)]
    latents = [Left(("a", "1"), 0, image)]
    found = compared(latents, _Extractor(template_of(1)), fingers, stored)
    assert (1, 1) == (len(found.mated), len(found.non_mated))
    assert found.mated[0] > found.non_mated[0]
    refused = compared(latents, _Extractor(None), fingers, stored)
    assert ([float("-inf")], [], {"TOO_FEW_MINUTIAE": 1}) == (refused.mated, refused.non_mated, dict(refused.refused))


def test_the_first_two_impressions_of_each_finger_become_latents() -> None:
    """Equal sets give equal latents."""
    prints = [((name, "1"), Image(arched_finger(), 500.0)) for name in "aaab"]
    made, again = left_by(prints, "set"), left_by(prints, "set")
    assert [0, 1, 3] == [each.number for each in made]
    assert all((one.image.gray == other.image.gray).all() for one, other in zip(made, again, strict=True))
