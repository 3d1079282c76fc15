"""Who it is, as probabilities: LLRs with a prior, over all subjects and "none of them" (Bayes' theorem)."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from biometrics.errors import FieldInvalid

LEAST_PRIOR = 1e-9
"""A prior is at least this, and at most 1 minus this."""


def posterior(
    llrs: Sequence[float], subject_count: int, enrolled_prior: float, unseen_llr: float = 0.0
) -> tuple[list[float], float]:
    """The probability of every compared subject, and of none of them being enrolled.

    The prior is spread evenly over the subjects. Those that were not compared count with one mean likelihood ratio:
    of subjects that a search left out of its list that of scores below it (`fusion/ranking/unlisted.py`), of others
    10^0, as no comparison is no evidence. Theirs is what is left to 1.

    Args:
        llrs: fused log10 LR of every subject that was compared, shape (k,).
        subject_count: subjects in the gallery.
        enrolled_prior: probability, before looking, that who is searched for is one of them.
        unseen_llr: log10 of the mean likelihood ratio of those that were not compared.

    Returns:
        Probabilities, shape (k,), and that of "none of them"; together at most 1.

    Raises:
        FieldInvalid: a prior outside 1e-9 to 1 - 1e-9.
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
