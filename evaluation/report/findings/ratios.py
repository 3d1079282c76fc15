"""Ratios of the error rates of groups, with intervals that hold for all groups together.

The ratios are those of the largest rate to the smallest and to the geometric mean, and of each to the rate of all (in
the sense of ISO/IEC 19795-10). Which group is the worst is seen in the same data, so the largest of many ratios is
above 1 also by chance. Therefore each interval of K ratios has the coverage 1 − 0.05/K (Bonferroni): with 95 % of all
sets of people all K hold the truth, and so does the interval of the largest ratio, which ends at the largest lower and
at the largest upper limit. Limits of a ratio follow from those of its rates on a logarithmic scale (variance estimates
recovered from limits: Zou, Donner 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, inf, log, sqrt

from evaluation.metrics.intervals import LEVEL, Interval
from evaluation.metrics.shared_subjects import SubjectErrors
from evaluation.report.findings.rates import Rate, quotient, rate_at


@dataclass(frozen=True, slots=True)
class Ratio:
    """One error rate over another.

    Args:
        of: name of the group above.
        to: name of the group, or of what else is below.
        value: as measured; None where the rate below has no error.
        interval: its simultaneous 95 % interval; the upper end may be infinite.
    """

    of: str
    to: str
    value: float | None
    interval: Interval


@dataclass(frozen=True, slots=True)
class Part:
    """The comparisons of one group, and those of all others.

    Args:
        name: of the group.
        own: errors of the group's comparisons.
        rest: errors of the comparisons of all other groups; None where there are none.
    """

    name: str
    own: SubjectErrors
    rest: SubjectErrors | None


def level_of(ratios: int) -> float:
    """Coverage of each of several intervals that all hold with 95 %."""
    return 1.0 - (1.0 - LEVEL) / max(1, ratios)


def to_all(part: Part, threshold: float, groups: int) -> Ratio | None:
    """The group's rate over that of all groups together; None where these have no error, or no other comparisons.

    The limits follow from those of the ratio to the rate of the rest, since the rate of all is the mean of group and
    rest, weighted by their counts.
    """
    level = level_of(groups)
    if part.rest is None:
        return None
    own, rest = rate_at(part.own, threshold, level), rate_at(part.rest, threshold, level)
    if not own.errors + rest.errors:
        return None
    share = own.count / (own.count + rest.count)
    limits = quotient(own, rest)
    low, high = (1.0 / (share + (1.0 - share) / each) if each else 0.0 for each in (limits.low, limits.high))
    value = own.value * (own.count + rest.count) / (own.errors + rest.errors)
    return Ratio(part.name, "all groups", value, Interval(low, high))


def largest(ratios: Sequence[Ratio]) -> Ratio | None:
    """The largest of ratios whose intervals hold together; None of none."""
    if not ratios:
        return None
    first = max(ratios, key=lambda each: each.value or 0.0)
    low, high = max(each.interval.low for each in ratios), max(each.interval.high for each in ratios)
    return Ratio(first.of, first.to, first.value, Interval(low, high))


def worst_to_best(parts: Sequence[Part], threshold: float) -> Ratio | None:
    """The largest rate over the smallest; None with fewer than two groups, or without an error in any."""
    level = level_of(len(parts) * (len(parts) - 1) // 2)
    rates = {each.name: rate_at(each.own, threshold, level) for each in parts}
    if len(rates) < 2 or not any(each.errors for each in rates.values()):
        return None
    worst, best = (pick(rates, key=lambda name: rates[name].value) for pick in (max, min))
    pairs = [_either_way(rates[one], rates[other]) for one, other in combinations(rates, 2)]
    value = rates[worst].value / rates[best].value if rates[best].errors else None
    low, high = max(1.0, *(each.low for each in pairs)), max(each.high for each in pairs)
    return Ratio(worst, best, value, Interval(low, high))


def worst_to_mean(parts: Sequence[Part], threshold: float) -> Ratio | None:
    """The largest rate over the geometric mean of all; None with fewer than two groups, or where one has no error."""
    rates = {each.name: rate_at(each.own, threshold, level_of(len(parts))) for each in parts}
    if len(rates) < 2 or not all(each.errors for each in rates.values()):
        return None
    mean = sum(log(each.value) for each in rates.values()) / len(rates)
    worst = max(rates, key=lambda name: rates[name].value)
    limits = [_over_mean(each, list(rates.values()), mean) for each in rates.values()]
    low, high = max(1.0, *(each.low for each in limits)), max(each.high for each in limits)
    return Ratio(worst, "geometric mean", rates[worst].value / exp(mean), Interval(low, high))


def _either_way(one: Rate, other: Rate) -> Interval:
    """The largest lower and the largest upper limit of either rate over the other."""
    if not one.errors + other.errors:
        return Interval(0.0, inf)
    there, back = quotient(one, other), quotient(other, one)
    return Interval(max(there.low, back.low), max(there.high, back.high))


def _over_mean(one: Rate, every: Sequence[Rate], mean: float) -> Interval:
    """Limits of a rate over the geometric mean, whose logarithm is given, of several rates, one of which it is."""
    weight = 1.0 / len(every)
    fall = rise = 0.0
    for each in every:
        down, up = log(each.value / each.interval.low), log(each.interval.high / each.value)
        factor = 1.0 - weight if each is one else -weight
        fall += (factor * (down if factor > 0.0 else up)) ** 2
        rise += (factor * (up if factor > 0.0 else down)) ** 2
    ratio = log(one.value) - mean
    return Interval(exp(ratio - sqrt(fall)), exp(ratio + sqrt(rise)))
