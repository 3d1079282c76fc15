"""The models whose templates a matching service compares, its own first, each pair of models with its calibration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, NamedTuple

from biometrics.calibration.score_calibration import Calibration
from biometrics.comparison import Comparator, DemandingComparator, Stack
from biometrics.errors import BiofusionError, ComparatorUncalibrated, TemplateModelMismatch
from biometrics.template import Template
from infra.wire.field_paths import at
from services.extraction import Extractor


class Paired(NamedTuple):
    """A sample's template for comparison with the references of one model.

    Args:
        model: the model of the references.
        probe: the template, under that model's id.
        calibration: of the scores.
    """

    model: ComparedModel[Any]
    probe: Template
    calibration: Calibration


@dataclass(frozen=True)
class ComparedModel(Generic[Stack]):
    """A model whose references are compared.

    Args:
        comparator: compares templates of the model.
        calibrations: of comparisons of its references, by the model of the probe. Templates of all these models have
            the layout of the comparator's own.
        extractor: makes a probe's template from an image; None if none is made: the model's templates come as such, or
            those of another model are compared with them.
        is_searched: whether the index holds the model's references; if not, they are compared only where they are sent
            with a call.
    """

    comparator: Comparator[Stack]
    calibrations: Mapping[str, Calibration] = field(repr=False)
    extractor: Extractor[Any] | None = field(default=None, repr=False)
    is_searched: bool = True

    @property
    def model_id(self) -> str:
        """The model."""
        return self.comparator.model_id

    @property
    def calibration(self) -> Calibration:
        """Of comparisons of the model's templates with each other."""
        return self.calibrations[self.model_id]

    @cached_property
    def check(self) -> Callable[[Template], None]:
        """Refuses a template of the model that has nothing to compare. Raises TemplateMalformed."""
        comparator: Any = self.comparator
        return comparator.check if isinstance(comparator, DemandingComparator) else _accept

    def paired(self, probe: Template) -> Paired | None:
        """The first of a probe's templates that is comparable with the model's references; None if none is."""
        for template in probe.by_each if probe.others else (probe,):
            calibration = self.calibrations.get(template.model_id)
            if calibration is not None:
                return Paired(self, template.of_model(self.model_id), calibration)
        return None


class ComparedModels:
    """All models that a service compares.

    Args:
        own: the model whose templates the service extracts to be stored.
        others: further ones: earlier models, and minutiae of others.
        uncalibrated: models whose templates could be compared if a calibration were shipped: the comparator by model.
    """

    def __init__(
        self,
        own: ComparedModel[Any],
        others: Sequence[ComparedModel[Any]] = (),
        uncalibrated: Mapping[str, str] | None = None,
    ) -> None:
        self.own, self.others = own, tuple(others)
        self._by_id = {each.model_id: each for each in self}
        self._uncalibrated = uncalibrated or {}

    def __iter__(self) -> Iterator[ComparedModel[Any]]:
        """Each, the own one first."""
        return iter((self.own, *self.others))

    def paired(self, probe: Template) -> list[Paired]:
        """What the probe is compared with: a template for each model to which one of its templates is comparable.

        Raises:
            ComparatorUncalibrated, TemplateModelMismatch, TemplateMalformed: it is comparable to none.
        """
        found = [each for model in self if (each := model.paired(probe))]
        if not found:
            raise self._refusal(probe)
        return found

    def searched(self, probe: Template) -> list[Paired]:
        """As `paired`, of the models whose references are in the index. Raises as `paired`."""
        found = [each for each in self.paired(probe) if each.model.is_searched]
        if not found:
            raise self._refusal(probe)
        return found

    def grouped(self, probe: Template, references: Sequence[Template]) -> list[tuple[Paired, list[int]]]:
        """The references by their model: what each group is compared with, and the numbers of its references.

        Raises:
            ComparatorUncalibrated, TemplateModelMismatch, TemplateMalformed: the probe, or a reference, is comparable
                to none, or the two are not comparable to each other. The error names the first such one.
        """
        groups: dict[str, list[int]] = {}
        for number, reference in enumerate(references):
            groups.setdefault(reference.model_id, []).append(number)
        return [(self._pair(probe, references[numbers[0]], numbers[0]), numbers) for numbers in groups.values()]

    def _pair(self, probe: Template, reference: Template, number: int) -> Paired:
        model = self._by_id.get(reference.model_id)
        paired = model.paired(probe) if model else None
        if paired:
            return paired
        with at("probe"):
            self.paired(probe)
        with at(f"references[{number}]"):
            raise self._refusal(reference)

    def _refusal(self, template: Template) -> BiofusionError:
        """Why a template cannot be compared, or, if it can, why it cannot with a probe of another model.

        Raises:
            ComparatorUncalibrated, TemplateModelMismatch, TemplateMalformed: as the one that is returned.
        """
        self.check(template)
        if template.model_id not in self._by_id:
            template.require(self.own.comparator.modality, self.own.model_id)
        return TemplateModelMismatch(
            f"The template was made by {template.model_id[:100]}, which is not comparable with what it is sent with. "
            "Extract the probe from its image again: ExtractTemplate returns a template for each model.",
            template_model_id=template.model_id[:100],
            service_model_id=self.own.model_id,
        )

    def check(self, template: Template) -> None:
        """Refuse a template that nothing but a calibration is missing for.

        Raises:
            ComparatorUncalibrated: no calibration is shipped for comparisons of its model.
        """
        comparator_id = self._uncalibrated.get(template.model_id)
        if comparator_id:
            raise ComparatorUncalibrated(
                f"Templates of {template.model_id[:100]} cannot be compared, as this installation has no calibration "
                f"{comparator_id}. Install a version that ships it, or send an image.",
                comparator_id=comparator_id,
            )


def _accept(_template: Template) -> None:
    """The check of a comparator that accepts every template."""
