"""Calls every method of a comparator before the first request, so that its kernels are compiled or loaded."""

from __future__ import annotations

import numpy as np

from biometrics.comparison import Comparator, ScreeningComparator, SelectiveComparator, Stack
from biometrics.explanation import Explaining
from biometrics.template import Template


def exercise(comparator: Comparator[Stack], template: Template) -> None:
    """Call all methods that comparisons and searches use, with the same kinds of arguments.

    A kernel is compiled for the argument types of its first call, and its callees when it reaches them: so each method
    gets an input that exercises every step.

    Args:
        comparator: of the template's modality and model.
        template: any comparable template.
    """
    both, rows = comparator.stack([template, template]), np.arange(2)
    comparator.compare(both, both)
    comparator.gather([(both, rows)])
    comparator.compare_templates(template, [template])
    if isinstance(comparator, Explaining):
        comparator.explain(template, template)
    if isinstance(comparator, ScreeningComparator):
        comparator.screen(both, both)
        comparator.compare_pairs(both, both, rows, rows)
    if isinstance(comparator, SelectiveComparator):
        for _ in comparator.screen_above(both, both, np.zeros(2, np.float32)):
            pass
