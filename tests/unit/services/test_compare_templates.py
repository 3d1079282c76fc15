"""One-off comparisons of templates score as those with stacks."""

from __future__ import annotations

import pytest

from benchmarks.services.synthetic_people import captures
from biometrics.comparison import Comparator
from biometrics.errors import TemplateMalformed, TemplateModelMismatch
from biometrics.template import Modality, Template
from cli.local.modalities import comparator


@pytest.fixture(params=list(Modality))
def compares(request: pytest.FixtureRequest) -> Comparator[object]:
    """Every comparator, with templates."""
    made: Comparator[object] = comparator(request.param)
    return made


@pytest.mark.parametrize("count", [0, 1, 5])
def test_scores_are_those_of_stacks(compares: Comparator[object], count: int) -> None:
    """Compared one-off or from stacks, a template's scores are equal to the last bit."""
    probe, *_ = captures(compares.modality, 1)
    references = [each for number in range(count) for each in captures(compares.modality, number)]
    stacked = compares.compare(compares.stack([probe]), compares.stack(references))[0]
    assert stacked.tolist() == compares.compare_templates(probe, references).tolist()


def test_one_off_comparisons_refuse_what_stacks_refuse(compares: Comparator[object]) -> None:
    """A damaged template, or one of another model, is refused on either side."""
    good, *_ = captures(compares.modality, 1)
    damaged = Template(compares.modality, compares.model_id, good.data[:-1])
    foreign = Template(compares.modality, "another", good.data)
    for bad, error in ((damaged, TemplateMalformed), (foreign, TemplateModelMismatch)):
        for probe, reference in ((bad, good), (good, bad)):
            with pytest.raises(error):
                compares.compare_templates(probe, [reference])
