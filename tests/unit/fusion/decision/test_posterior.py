from __future__ import annotations

from math import log10

import pytest

from biometrics.errors import FieldInvalid
from fusion.decision.posterior import posterior


def test_bayes() -> None:
    """In a gallery of one, the posterior odds are the prior odds times the likelihood ratio."""
    (subject,), none = posterior([log10(4.0)], 1, 0.2)
    assert pytest.approx((0.5, 0.5)) == (subject, none)


def test_the_prior_is_spread_over_all_subjects() -> None:
    """One of 1,000 with LLR 6 is 1,000 times as likely as none; the 999 others, not compared, share the prior."""
    (subject,), none = posterior([6.0], 1000, 0.5)
    assert pytest.approx(1000.0) == subject / none
    assert pytest.approx(0.999 * none) == 1.0 - subject - none


def test_without_evidence_the_prior_stands() -> None:
    """If nothing was compared the prior stands; in an empty gallery "none of them" has probability 1."""
    assert pytest.approx(0.7) == posterior([], 10, 0.3)[1]
    assert ([], 1.0) == posterior([], 0, 0.3)


def test_probabilities_add_up() -> None:
    """If all subjects are compared, theirs and that of "none of them" add up to 1, for LLRs of any size."""
    each, none = posterior([400.0, 399.0, -500.0], 3, 0.5)
    assert pytest.approx(1.0) == sum(each) + none
    assert pytest.approx(10.0) == each[0] / each[1]


@pytest.mark.parametrize("prior", [-0.1, 1e-10, 1.0, float("nan")])
def test_bad_priors(prior: float) -> None:
    """A prior that is not within 1e-9 to 1 - 1e-9 is refused."""
    with pytest.raises(FieldInvalid, match="enrolled_prior"):
        posterior([1.0], 1, prior)
