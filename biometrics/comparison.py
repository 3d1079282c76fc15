"""Comparators, comparison scores and candidates. A higher score means more alike, everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Position, Template

Scores = NDArray[np.float32]
Stack = TypeVar("Stack")


class Comparator(Protocol[Stack]):
    """Compares templates of one model, many at a time.

    A *stack* is a list of templates unpacked into the arrays that the comparator works on: built
    once, compared often. Implementations have no state and are safe to call from many threads.
    """

    @property
    def modality(self) -> Modality:
        """Modality of the templates it compares."""

    @property
    def comparator_id(self) -> str:
        """Name and version of the comparison algorithm; the key of its calibration."""

    @property
    def model_id(self) -> str:
        """The only template model that is accepted."""

    def stack(self, templates: Sequence[Template]) -> Stack:
        """Unpack templates into one stack, in order.

        Raises:
            TemplateMalformed: a template's data does not have the layout of its model.
            TemplateModelMismatch: a template is of another model.
        """

    def stack_packed(self, templates: PackedTemplates) -> Stack:
        """As `stack`, of the data of templates of this model; without a Python object per template.

        Raises:
            TemplateMalformed: a template's data does not have the layout of its model.
        """

    def gather(self, parts: Sequence[tuple[Stack, NDArray[np.int64]]]) -> Stack:
        """One stack of chosen rows of several stacks, in order, as if their templates had been stacked together."""

    def compare(self, probes: Stack, references: Stack) -> Scores:
        """Compare every probe with every reference.

        Returns:
            float32, shape (probes, references); higher is more alike, always finite. A score depends
            on its two templates only.
        """

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """Compare one probe with references that are not compared again.

        The same scores as `compare(stack([probe]), stack(references))[0]`, computed faster.

        Returns:
            float32, shape (references,).

        Raises:
            TemplateMalformed, TemplateModelMismatch: as `stack`.
        """


@runtime_checkable
class ScreeningComparator(Comparator[Stack], Protocol[Stack]):
    """A comparator with a second, cheaper score: an index compares in full only the references that it ranks best."""

    @property
    def screened_share(self) -> float:
        """Share of a large gallery, 0 to 1, that is compared in full: the references with the highest `screen`."""

    def screen(self, probes: Stack, references: Stack) -> Scores:
        """Screening score of every probe with every reference, an estimate of `compare`.

        Returns:
            float32, shape (probes, references); higher is more alike, always finite. Comparable among the
            references of one probe only. A score depends on its two templates only, to within `screening_error`.
        """

    def screening_error(self, probes: Stack, references: Stack) -> float:
        """Largest difference between `screen` and `compare`, as a score; 0 where only the order has a meaning."""

    def compare_pairs(
        self, probes: Stack, references: Stack, probe_rows: NDArray[np.int64], reference_rows: NDArray[np.int64]
    ) -> Scores:
        """Compare k chosen pairs in full: `compare(probes, references)[probe_rows, reference_rows]`.

        Args:
            probes: any number.
            references: any number.
            probe_rows: int64, shape (k,), ascending: the probe of each pair.
            reference_rows: int64, shape (k,): the reference of each pair.

        Returns:
            float32, shape (k,), in the order of the pairs.
        """


class Found(NamedTuple):
    """Some cells of the table of scores of probes with references.

    Args:
        probes: int64, shape (k,): row of the probe.
        rows: int64, shape (k,): row of the reference.
        scores: float32, shape (k,).
    """

    probes: NDArray[np.int64]
    rows: NDArray[np.int64]
    scores: Scores


@runtime_checkable
class SelectiveComparator(ScreeningComparator[Stack], Protocol[Stack]):
    """A screening comparator that returns only the high scores, without computing a table of all."""

    def screen_above(self, probes: Stack, references: Stack, thresholds: Scores) -> Iterator[Found]:
        """Yield, part by part, the screening scores that reach their probe's threshold.

        Args:
            probes: any number.
            references: any number.
            thresholds: float32, shape (probes,). The caller may raise them between two parts; the later parts use
                the raised values. Scores slightly below the threshold may be returned too.
        """


@runtime_checkable
class DemandingComparator(Protocol):
    """A comparator whose templates may be well-formed and yet too empty to compare (no minutiae, all occluded).

    `stack` reads such templates if they are stored, so that one of them does not fail the whole gallery; `check`
    refuses them when they are new.
    """

    def check(self, template: Template) -> None:
        """Refuse a new template that has nothing to compare. The layout is checked by `stack`, not here.

        Raises:
            TemplateMalformed: there is nothing in it to compare.
        """


@dataclass(frozen=True, slots=True)
class Comparison:
    """One raw comparison score with its calibrated LLR and FMR.

    Args:
        score: raw output of the comparator, higher is more alike.
        llr: log10 likelihood ratio of "same source" against "different sources".
        fmr: share of non-mated comparisons, 0–1, that reach this score according to the calibration.
        comparator_id: which comparator made the score.
    """

    score: float
    llr: float
    fmr: float
    comparator_id: str

    def best_of(self, count: int) -> Comparison:
        """This comparison, charged for being the best of `count`: a non-mate had `count` chances to reach its score.

        By the union bound the FMR is at most `count` times that of one comparison; log10(count) is
        subtracted from the LLR, so that 10^-LLR stays an upper bound of the FMR. Example, count 10:

            one comparison    LLR 5    FMR 1e-6
            best of 10        LLR 4    FMR 1e-5
        """
        return replace(self, llr=self.llr - log10(count), fmr=min(1.0, count * self.fmr))


@dataclass(frozen=True, slots=True)
class Candidate:
    """The best comparison of a probe with one subject's references.

    Args:
        subject_id: the subject.
        comparison: the best one, charged for the number of references compared (`Comparison.best_of`).
        reference_position: position of the reference that scored best.
        comparison_count: how many references of the subject were compared, 1 or more.
        reference_model_id: model of the reference that scored best.
    """

    subject_id: str
    comparison: Comparison
    reference_position: Position
    comparison_count: int
    reference_model_id: str = ""
