"""What comparing gives. One sign convention everywhere: a higher score means more alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality, Position, Template

Scores = NDArray[np.float32]
Stack = TypeVar("Stack")


class Comparator(Protocol[Stack]):
    """Compares templates of one model, many at a time.

    A *stack* is a list of templates unpacked into the arrays that the comparator works on; it is
    built once and compared often. Implementations are pure and safe to call from many threads.
    """

    @property
    def modality(self) -> Modality:
        """The modality compared."""

    @property
    def comparator_id(self) -> str:
        """Name and version of the comparison; the key of its calibration."""

    @property
    def model_id(self) -> str:
        """The only template model that is accepted."""

    def stack(self, templates: Sequence[Template]) -> Stack:
        """Unpack templates into one stack, in order.

        Raises:
            TemplateMalformed: a template's data is not what its model id promises.
            TemplateModelMismatch: a template of another model.
        """

    def compare(self, probes: Stack, references: Stack) -> Scores:
        """Compare every probe with every reference.

        Returns:
            float32, shape (probes, references); higher is more alike, always finite. A score depends
            on its two templates only.
        """

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """Compare templates that are compared once: `compare(stack([probe]), stack(references))[0]`, sooner.

        Returns:
            float32, shape (references,).

        Raises:
            TemplateMalformed, TemplateModelMismatch: as `stack`.
        """


@runtime_checkable
class ScreeningComparator(Comparator[Stack], Protocol[Stack]):
    """A comparator with a cheaper score, by which an index chooses the references that are compared in full."""

    @property
    def screened_share(self) -> float:
        """The share of a large gallery that is compared in full, 0 to 1: the best by `screen`."""

    def screen(self, probes: Stack, references: Stack) -> Scores:
        """Estimate for every probe which references are most alike.

        Returns:
            float32, shape (probes, references); higher is more alike, always finite. Comparable among the
            references of one probe only. A score depends on its two templates only, as far as `screening_error` says.
        """

    def screening_error(self, probes: Stack, references: Stack) -> float:
        """How far `screen` may be from `compare` at most; 0 where only the order of its scores means something."""

    def compare_pairs(
        self, probes: Stack, references: Stack, probe_rows: NDArray[np.int64], reference_rows: NDArray[np.int64]
    ) -> Scores:
        """Compare some probes with some of the references: `compare(probes, references)[probe_rows, reference_rows]`.

        Args:
            probes: any number.
            references: any number.
            probe_rows: int64, shape (k,), ascending.
            reference_rows: int64, shape (k,).

        Returns:
            float32, shape (k,).
        """


class Found(NamedTuple):
    """Some scores of a table of probes and references.

    Args:
        probes: int64, shape (k,).
        rows: int64, shape (k,): of the references.
        scores: float32, shape (k,).
    """

    probes: NDArray[np.int64]
    rows: NDArray[np.int64]
    scores: Scores


@runtime_checkable
class SelectiveComparator(ScreeningComparator[Stack], Protocol[Stack]):
    """A screening comparator that looks for high scores itself, without making a table of all."""

    def screen_above(self, probes: Stack, references: Stack, thresholds: Scores) -> Iterator[Found]:
        """Find what `screen` would give, where it reaches the probe's threshold; in parts.

        Args:
            probes: any number.
            references: any number.
            thresholds: float32, shape (probes,); may be raised between the parts, which then counts for the rest. A
                score that is a little lower may be found too.
        """


@runtime_checkable
class DemandingComparator(Protocol):
    """A comparator that can read templates with which nothing can be compared.

    Stored ones are read, so that they do no harm to the others; new ones are refused.
    """

    def check(self, template: Template) -> None:
        """Accept a template that can be compared; one that `stack` refuses may be accepted.

        Raises:
            TemplateMalformed: there is nothing in it to compare.
        """


@dataclass(frozen=True, slots=True)
class Comparison:
    """One raw comparison score and what it is worth.

    Args:
        score: raw output of the comparator, higher is more alike.
        llr: log10 likelihood ratio, same source against different sources.
        fmr: share of non-mated comparisons that scored at least this on the calibration data.
        comparator_id: which comparator made the score.
    """

    score: float
    llr: float
    fmr: float
    comparator_id: str

    def best_of(self, count: int) -> Comparison:
        """This comparison as the best of `count`: whoever is not the mate had `count` chances to reach its score.

        By the union bound the FMR is at most `count` times that of one comparison; log10(count) is
        taken off the LLR, so that 10^-LLR stays a bound of the FMR.
        """
        return replace(self, llr=self.llr - log10(count), fmr=min(1.0, count * self.fmr))


@dataclass(frozen=True, slots=True)
class Candidate:
    """The best comparison of a probe with one subject's references.

    Args:
        subject_id: whose references.
        comparison: the best of them.
        reference_position: position of the reference that scored best.
        comparison_count: how many references of the subject were compared, 1 or more.
    """

    subject_id: str
    comparison: Comparison
    reference_position: Position
    comparison_count: int
