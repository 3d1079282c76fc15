from __future__ import annotations

from fusion.access.explaining import explained
from fusion.access.findings import findings
from fusion.access.operations import Operation
from fusion.access.reading import policy_of
from tests.unit.fusion.policies import BORDER, DESK, HEAD, STRANGER, rule, visit_of

ALL = '"desks", "office", "operators", "reports", "people"'


def odd(*rules: str) -> list[str]:
    """The findings about some rules."""
    return findings(policy_of((HEAD + "".join(rules)).encode()))


def test_a_rule_that_never_holds_is_told() -> None:
    """A rule of which an earlier one allows everything; not one that asks for less, or allows more."""
    wide = rule("wide", ALL, '"read", "info"', '"a*"', '"*"')
    told = odd(wide, rule("narrow", '"desks"', '"read"', '"ab"', '"border"', "require_case = true"))
    assert ["Rule narrow never holds: wide, which stands before it, allows all that it allows."] == told
    strict = rule("strict", ALL, '"read"', '"a*"', '"*"', "require_case = true")
    assert [] == odd(strict, rule("lenient", '"desks"', '"read"', '"ab"', '"border"'))
    assert [] == odd(wide, rule("more", '"desks"', '"read"', '"ab", "b"', '"border"'))


def test_groups_and_purposes_without_a_rule_are_told() -> None:
    """Callers whom no rule is about, and purposes that no rule is for."""
    told = odd(rule("r", '"desks", "office", "operators", "people"', '"read"', '"a"', '"border", "operations"'))
    assert 2 == len(told)
    assert "callers reports" in told[0]
    assert "purpose permit" in told[1]


def test_rules_by_which_one_can_climb_to_a_match_are_told() -> None:
    """Full scores without a quota; not coarse ones, nor some a day."""
    told = odd(rule("r", ALL, '"verify"', '"a"', '"*"'))
    assert ["Rule r tells full scores"] == [each[:24] for each in told]
    assert [] == odd(rule("r", ALL, '"verify"', '"a"', '"*"', 'detail = "coarse"'))
    (of_explanations,) = odd(rule("r", ALL, '"explain"', '"a"', '"*"'))
    assert of_explanations.endswith("give it a quota.")
    assert [] == odd(rule("r", ALL, '"verify"', '"a"', '"*"', 'quotas = [{ count = 9, window = "1d" }]'))


def test_an_explanation_names_what_each_rule_lacks() -> None:
    """The rule that allows a call, and of each other the first condition that is not met."""
    policy = policy_of(BORDER.encode())
    found = explained(policy, visit_of(DESK, "border"), Operation.IDENTIFY, "watchlist")
    assert ("desks-watch", "") == (found.rule.name if found.rule else None, found.reason)
    assert {
        "desks-verify": "it does not allow identify",
        "desks-watch": "",
        **dict.fromkeys(
            ["office", "office-reads", "operators", "office-alias", "reports", "reports-no-use", "people"],
            "it is about other callers",
        ),
    } == found.lacks
    without = explained(policy, visit_of(DESK), Operation.VERIFY, "residents")
    assert (None, "PURPOSE_MISSING") == (without.rule, without.reason)
    assert "a purpose must be stated" == without.lacks["desks-verify"]
    assert "METHOD_NOT_ALLOWED" == explained(policy, visit_of(STRANGER), Operation.READ, None).reason
