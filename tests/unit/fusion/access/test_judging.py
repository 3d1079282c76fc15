from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import AccessDenied
from fusion.access.judging import Judge
from fusion.access.names import covers, matches
from fusion.access.operations import Operation
from fusion.access.policy import Policy, Rule
from infra.identity.visit import Visit
from tests.unit.fusion.policies import BORDER, DESK, HEAD, OPERATOR, STRANGER, judge_of, rule, visit_of

NAMES = ("a", "ab", "b", "ba")
PATTERNS = st.lists(st.sampled_from((*NAMES, "*", "a*", "b*")), min_size=1, max_size=2, unique=True).map(tuple)
OPERATIONS = (Operation.VERIFY, Operation.READ)
RULES = st.lists(
    st.builds(
        Rule,
        name=st.uuids().map(str),
        callers=PATTERNS,
        operations=st.sets(st.sampled_from(OPERATIONS), min_size=1).map(frozenset),
        galleries=PATTERNS,
        purposes=st.sets(st.sampled_from(("p", "q", "*")), min_size=1).map(frozenset),
        require_case=st.booleans(),
        require_officer=st.booleans(),
    ),
    max_size=4,
)


def refused(judge: Judge, visit: Visit, operation: Operation, gallery: str | None) -> str:
    """The reason of a refusal; "" if the call is allowed."""
    try:
        judge.allowing(visit, operation, gallery)
    except AccessDenied as error:
        return error.reason
    return ""


@given(
    RULES,
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(("", "p", "q", "r")),
    st.sampled_from(("", "c")),
)
def test_a_call_is_allowed_if_and_only_if_a_rule_allows_it(
    rules: list[Rule], caller: str, gallery: str, purpose: str, case: str
) -> None:
    """Whatever the rules: the first that has all of a call allows it, as shell patterns say; else it is refused."""
    judge = Judge(Policy("1", "d", frozenset({"p", "q"}), (), tuple(rules)))
    visit = visit_of(caller, purpose, case=case)
    for operation in OPERATIONS:
        holding = [
            each
            for each in rules
            if any(fnmatchcase(caller, pattern) for pattern in each.callers)
            and any(fnmatchcase(gallery, pattern) for pattern in each.galleries)
            and operation in each.operations
            and purpose in ("", "p", "q")
            and ({purpose, "*"} & each.purposes)
            and (case or not each.require_case)
            and not each.require_officer
        ]
        assert bool(holding) == (refused(judge, visit, operation, gallery) == "")
        if holding:
            assert tuple(holding) == judge.allowing(visit, operation, gallery)


@given(PATTERNS, PATTERNS)
def test_patterns_that_cover_others_mean_all_that_they_mean(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """If patterns cover others, each name of the others is theirs."""
    if covers(one, other):
        names = [*NAMES, "abc", "bb", "z"]
        assert all(any(matches(a, name) for a in one) for name in names if any(matches(b, name) for b in other))


@pytest.mark.parametrize(
    ("visit", "operation", "gallery", "reason"),
    [
        (visit_of(DESK, "border"), Operation.VERIFY, "residents", ""),
        (visit_of(STRANGER, "border"), Operation.VERIFY, "residents", "METHOD_NOT_ALLOWED"),
        (visit_of(DESK, "border"), Operation.DELETE, "residents", "METHOD_NOT_ALLOWED"),
        (visit_of(DESK, "border"), Operation.VERIFY, "watchlist", "GALLERY_NOT_ALLOWED"),
        (visit_of(DESK, "border"), Operation.VERIFY, "*", "GALLERY_NOT_ALLOWED"),
        (visit_of(DESK), Operation.VERIFY, "residents", "PURPOSE_MISSING"),
        (visit_of(DESK, "permit"), Operation.VERIFY, "residents", "PURPOSE_NOT_ALLOWED"),
        (visit_of(DESK, "fishing"), Operation.VERIFY, None, "PURPOSE_NOT_ALLOWED"),
        (visit_of(OPERATOR, "operations"), Operation.MAINTAIN, "*", ""),
    ],
)
def test_the_reason_of_a_refusal(visit: Visit, operation: Operation, gallery: str | None, reason: str) -> None:
    """The reason is the first condition that leaves no rule."""
    assert reason == refused(judge_of(BORDER), visit, operation, gallery)


def test_case_and_officer_are_asked_for() -> None:
    """A rule that requires them refuses calls that do not state them, by name; the error names the policy."""
    judge = judge_of(
        HEAD + rule("r", '"desks"', '"read"', '"a"', '"border"', "require_case = true\nrequire_officer = true")
    )
    reasons = [
        refused(judge, visit_of(DESK, "border", case, officer), Operation.READ, "a")
        for case, officer in (("", "o"), ("c", ""), ("c", "o"))
    ]
    assert ["CASE_MISSING", "OFFICER_MISSING", ""] == reasons
    with pytest.raises(AccessDenied) as caught:
        judge.allowing(visit_of(DESK, "border"), Operation.READ, "a")
    assert judge.policy.label == caught.value.metadata["policy"]
