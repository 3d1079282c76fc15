"""Every method of a comparator is called before any request comes: its kernels are compiled then, or loaded."""

from __future__ import annotations

import numpy as np

from biometrics.comparison import Comparator, ScreeningComparator, SelectiveComparator, Stack
from biometrics.template import Template


def exercise(comparator: Comparator[Stack], template: Template) -> None:
    """Call whatever compares and searches call, as they call it.

    A kernel is compiled for the kinds of arrays that it is called with, and those that it calls when it is: so each
    method is called with something to do.

    Args:
        comparator: of the template's modality and model.
        template: anything that can be compared.
    """
    both, rows = comparator.stack([template, template]), np.arange(2)
    comparator.compare(both, both)
    comparator.compare_templates(template, [template])
    if isinstance(comparator, ScreeningComparator):
        comparator.screen(both, both)
        comparator.compare_pairs(both, both, rows, rows)
    if isinstance(comparator, SelectiveComparator):
        for _ in comparator.screen_above(both, both, np.zeros(2, np.float32)):
            pass
