from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import QuotaExceeded
from fusion.access.operations import Operation
from fusion.access.policy import Per, Quota, Rule
from fusion.access.quotas import SLOTS, Quotas, Uses, take_back_misses
from infra.identity.visit import Visit
from tests.unit.fusion.policies import ANN, DESK, visit_of


class Clock:
    """Seconds that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def limited(*quotas: Quota) -> list[Rule]:
    """One rule with these quotas."""
    everything = frozenset({"*"})
    return [Rule("r", ("*",), frozenset({Operation.VERIFY}), ("*",), everything, quotas=quotas)]


def used_up(quotas: Quotas, rules: list[Rule], visit: Visit, subject: str = "") -> bool:
    """Try another use; whether it is refused."""
    try:
        quotas.charge(rules, visit, [subject] if subject else [])
    except QuotaExceeded:
        return True
    return False


def test_a_quota_is_refilled_as_its_window_moves_on() -> None:
    """So many uses are allowed, then none until the time that the error states, then so many again."""
    clock, rules = Clock(), limited(Quota(3, 600.0))
    quotas, who = Quotas(clock), visit_of(DESK)
    assert [False, False, False, True] == [used_up(quotas, rules, who) for _ in range(4)]
    with pytest.raises(QuotaExceeded) as caught:
        quotas.charge(rules, who, [])
    assert 600.0 <= caught.value.retry_after_s <= 600.0 + 600.0 / SLOTS
    clock.now += caught.value.retry_after_s - 0.01
    assert used_up(quotas, rules, who)
    clock.now += 0.02
    assert [False, False, False, True] == [used_up(quotas, rules, who) for _ in range(4)]


@given(
    st.integers(1, 5),
    st.sampled_from((1.0, 60.0, 3600.0)),
    st.lists(st.floats(0, 0.4), min_size=1, max_size=60),
)
def test_no_window_has_more_uses_than_the_quota(count: int, window_s: float, pauses: list[float]) -> None:
    """Whenever uses are tried, those allowed in any window are at most the quota; and after a window all is allowed."""
    quota, uses, now, allowed = Quota(count, window_s), Uses(), 1e6, list[float]()
    for pause in pauses:
        now += pause * window_s
        if uses.wait_s(quota, now) == 0.0:
            uses.add(quota, now)
            allowed.append(now)
    for end in allowed:
        assert count >= sum(end - window_s < each <= end for each in allowed)
    wait_s = uses.wait_s(quota, now)
    assert 0.0 <= wait_s <= window_s * (1 + 1 / SLOTS) + 1e-6
    assert 0.0 == uses.wait_s(quota, now + wait_s + 1e-6 * window_s)


def test_uses_are_counted_apart() -> None:
    """Callers, subjects and officers have counts of their own, as the quota says."""
    by_subject, by_officer = limited(Quota(1, 60.0, Per.SUBJECT)), limited(Quota(1, 60.0, Per.OFFICER))
    quotas = Quotas(Clock())
    assert [False, False, True] == [used_up(quotas, by_subject, visit_of(DESK), each) for each in ("a", "b", "a")]
    assert [False, True] == [used_up(quotas, by_subject, visit_of(ANN), each) for each in ("a", "a")]
    visits = [visit_of(DESK, officer=each) for each in ("o1", "o2", "o1")]
    assert [False, False, True] == [used_up(quotas, by_officer, each) for each in visits]


def test_a_refused_use_counts_by_no_quota() -> None:
    """If one quota is used up, the others keep what they have."""
    rules, quotas = limited(Quota(1, 60.0, Per.SUBJECT), Quota(3, 60.0)), Quotas(Clock())
    tried = [used_up(quotas, rules, visit_of(DESK), each) for each in ("a", "a", "a", "b", "c", "d")]
    assert [False, True, True, False, False, True] == tried


def test_misses_are_counted_before_the_outcome_is_known() -> None:
    """Calls at the same time cannot exceed a quota of misses together; a MATCH gives its use back."""
    rules, quotas, who = limited(Quota(2, 60.0, Per.SUBJECT, only_misses=True)), Quotas(Clock()), visit_of(DESK)
    first = quotas.charge(rules, who, ["a"])
    quotas.charge(rules, who, ["a"])
    assert used_up(quotas, rules, who, "a")
    take_back_misses(first)
    take_back_misses(first)  # a second time changes nothing that another call counted
    assert [False, True] == [used_up(quotas, rules, who, "a") for _ in range(2)]


def test_the_oldest_counts_are_forgotten_when_there_are_too_many() -> None:
    """Memory is bounded: of more subjects than are kept, those not asked for longest are forgotten."""
    rules, quotas = limited(Quota(1, 60.0, Per.SUBJECT)), Quotas(Clock(), most=2)
    assert not any(used_up(quotas, rules, visit_of(DESK), each) for each in ("a", "b", "c"))
    assert [True, False] == [used_up(quotas, rules, visit_of(DESK), each) for each in ("c", "a")]
