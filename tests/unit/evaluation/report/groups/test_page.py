"""The page of the rates by groups."""

from __future__ import annotations

from evaluation.report.groups.asked import Asked, Bound
from evaluation.report.groups.bounds import judged
from evaluation.report.groups.lines import lines
from evaluation.report.groups.measured import Grouped
from evaluation.report.groups.page import NONE, groups_page
from tests.unit.evaluation.report.groups.crowds import of_mated, of_non_mated
from tests.unit.evaluation.report.made import Page

EVIL = '<script>alert("x")</script>'


def found(column="sex"):
    """Rates of three groups, one of which is too small, within and between."""
    within = (of_non_mated(1, (60, 60, 9), (0.05, 0.2, 0.1)), of_mated(1, (80, 80, 9), (0.1, 0.4, 0.1)))
    return Grouped(column, {"group 0": 4, "group 1": 3, "group 2": 1}, 7, within, within[:1])


def shown(*columns):
    """The page, parsed, and its text."""
    asked = Asked(tuple(each.column for each in columns), (), (0.0,), (Bound("FNMR", "best", 1.5),))
    page = Page(groups_page(columns, judged(columns, asked), title="Error rates by group", facts=[("Model", EVIL)]))
    return page, " ".join(page.text)


def test_the_page_has_verdicts_rates_ratios_and_a_picture():
    """Each column is a chapter with a picture; groups too small are named so; bounds have their verdict."""
    page, text = shown(found("sex"), found("age"))

    assert 2 == len(page.all("svg"))
    assert {"bounds", "column-0", "column-1", "terms"} <= {each.get("id") for each in page.all("section")}
    for words in ("EXCEEDED", "too small", "Worst / best", "Worst / mean", "FMR between groups", "without a value: 7"):
        assert words in text


def test_any_text_is_shown_literally():
    """Names of columns and facts are no markup, and nothing is loaded from elsewhere."""
    page, text = shown(found(EVIL))

    assert EVIL in text
    assert [] == page.all("script") + page.all("link") + page.all("img")


def test_without_operating_points_the_page_says_so():
    """A sentence stands where no FMR is carried."""
    assert NONE in shown(Grouped("sex", {"a": 1, "b": 1}, 0, (), ()))[1]


def test_the_lines_name_every_group():
    """Each error has a line with all groups and both ratios."""
    (_, other), (name, mated) = lines(found())

    assert "FNMR by sex at score 0" == name
    assert "group 2 too small (9 people, 36 comparisons)" in mated
    for text in (other, mated):
        assert "worst / best " in text
        assert "worst / mean " in text
