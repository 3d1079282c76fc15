"""What is odd about a policy that can be used: rules that never hold, groups and purposes that nothing is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fusion.access.names import EVERYTHING, covers
from fusion.access.operations import DECIDING, NOWHERE, UNVEILING, Operation
from fusion.access.policy import Detail, Policy, Rule


def findings(policy: Policy) -> list[str]:
    """Sentences about what the author may not have meant; none if nothing was found."""
    return [*_unreachable(policy.rules), *_unused(policy), *_climbable(policy.rules)]


def _unreachable(rules: Sequence[Rule]) -> Iterator[str]:
    """Rules of which one earlier rule allows everything. Several earlier ones together are not looked at."""
    for number, rule in enumerate(rules):
        earlier = next((each for each in rules[:number] if _allows_all_of(each, rule)), None)
        if earlier:
            yield f"Rule {rule.name} never holds: {earlier.name}, which stands before it, allows all that it allows."


def _allows_all_of(rule: Rule, other: Rule) -> bool:
    return (
        covers(rule.callers, other.callers)
        and other.operations <= rule.operations
        and (other.operations <= NOWHERE or covers(rule.galleries, other.galleries))
        and (EVERYTHING in rule.purposes or (other.purposes <= rule.purposes))
        and rule.require_case <= other.require_case
        and rule.require_officer <= other.require_officer
    )


def _unused(policy: Policy) -> Iterator[str]:
    for name, patterns in policy.groups.items():
        if not any(set(patterns) & set(rule.callers) for rule in policy.rules):
            yield f"No rule is about the callers {name}: they may do nothing."
    wanted = frozenset[str]().union(*(rule.purposes for rule in policy.rules))
    for each in sorted(policy.purposes - wanted):
        if EVERYTHING not in wanted:
            yield f"No rule is for the purpose {each}: calls that state it are refused."


def _climbable(rules: Sequence[Rule]) -> Iterator[str]:
    """Rules that let a caller try as often as it likes, and tell it each time how near it came."""
    for rule in rules:
        if rule.operations & {*DECIDING, Operation.EXPLAIN} and rule.detail is Detail.FULL and not rule.quotas:
            remedy = "a quota" if rule.operations & UNVEILING else 'a quota, or detail = "coarse"'
            yield (
                f"Rule {rule.name} tells full scores as often as they are asked for, by which samples can be changed "
                f"step by step until they match: give it {remedy}."
            )
