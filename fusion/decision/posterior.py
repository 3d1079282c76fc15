"""Posterior probabilities over all subjects and "none of them", from LLRs and a prior (Bayes' theorem)."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from biometrics.errors import FieldInvalid

LEAST_PRIOR = 1e-9
"""Lowest prior allowed; the highest is 1 minus this."""


def posterior(
    llrs: Sequence[float], subject_count: int, enrolled_prior: float, unseen_llr: float = 0.0
) -> tuple[list[float], float]:
    """The posterior probability of every compared subject, and that the person is not enrolled.

    The prior is spread evenly over all subjects. Subjects that were not compared share one mean likelihood ratio: that
    of a score below the end of the searches' lists (`fusion/ranking/unlisted.py`), or 10^0 where nothing was searched,
    as no comparison is no evidence. Example, 1,000 subjects, prior 0.5 (0.0005 each), one compared with LLR 5:

        weights:   0.0005 · 10^5 = 50    "none of them" 0.5    the other 999 subjects 999 · 0.0005 = 0.4995
        posterior: 50 / 50.9995 = 0.980    0.0098    (not returned: 0.0098)

    Args:
        llrs: fused log10 LR of every subject that was compared, shape (k,).
        subject_count: subjects in the gallery.
        enrolled_prior: probability, before looking, that the person is enrolled in the gallery.
        unseen_llr: log10 of the mean likelihood ratio of the subjects that were not compared.

    Returns:
        Probabilities of the compared subjects, shape (k,), and that of "none of them". The rest to 1 belongs to the
        subjects that were not compared.

    Raises:
        FieldInvalid: the prior is outside 1e-9 to 1 - 1e-9.
    """
    if not LEAST_PRIOR <= enrolled_prior <= 1.0 - LEAST_PRIOR:
        raise FieldInvalid("enrolled_prior", "1e-9 to 1 - 1e-9 is allowed.")
    unseen_count = max(0, subject_count - len(llrs))
    if not (llrs or unseen_count):
        return [], 1.0
    share = log10(enrolled_prior / (len(llrs) + unseen_count))
    exponents = [share + llr for llr in llrs]
    none = log10(1.0 - enrolled_prior)
    unseen = share + unseen_llr
    top = max([none, unseen, *exponents])
    weights = [10.0 ** (each - top) for each in exponents]
    none_weight, unseen_weight = 10.0 ** (none - top), unseen_count * 10.0 ** (unseen - top)
    total = sum(weights) + none_weight + unseen_weight
    return [weight / total for weight in weights], none_weight / total
