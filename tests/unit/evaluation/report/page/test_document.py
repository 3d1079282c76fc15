"""The HTML page is well formed, self-contained, and shows the measured figures."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from evaluation.report.findings import all_findings
from evaluation.report.page.document import render
from evaluation.report.page.tables import Table
from tests.unit.evaluation.report.made import Page, gaussian, without

EVIL = '<script src="x">&'
FURTHER = Table("Random halves", "", ["Half", "TAR"], [["1", "99.1 %\n98.0 – 99.9 %"]])


def full():
    """An outcome of two comparators with missing cells, quality and groups."""
    outcome = gaussian(60)
    outcome = without(outcome, np.arange(0, 3600, 7), [0])
    outcome = without(outcome, np.arange(0, 3600, 53), [0, 1])
    quality = np.random.default_rng(1).uniform(0.0, 100.0, outcome.scores.shape).astype(np.float32)
    return replace(outcome, quality=quality, group=(outcome.first % 3).astype(np.int32), group_names=("a", "b", "c"))


@pytest.fixture(scope="module")
def found():
    """All that is measured of the full outcome."""
    return all_findings.measure(full())


@pytest.fixture(scope="module")
def page(found):
    """The parsed page of the findings."""
    return Page(render(found, title="T", facts=[("Model", "m")], tables=[FURTHER]))


def test_the_page_needs_nothing_from_outside(found):
    """The page loads no script, style sheet, image or font; links stay in the page; the file is below 3 MB."""
    text = render(found, title="T", facts=[], tables=[])
    found = Page(text)

    assert len(text) < 3_000_000
    assert "http" not in text
    assert "@import" not in text
    assert "url(" not in text.replace("url(#", "")
    assert not {"script", "link", "img", "iframe", "object", "embed"} & {tag for tag, _ in found.tags}
    assert all(value.startswith("#") for _, attributes in found.tags if (value := attributes.get("href")))


def test_every_link_has_its_target_and_no_id_is_used_twice(page):
    """This holds for chapters and inside figures."""
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]

    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in page.tags if "href" in a} <= set(ids)


def test_figures_are_labelled_and_explained(page):
    """Each figure has a text alternative and a sentence below it; the language is stated; there is one h1."""
    assert 8 == len(page.all("figure")) == len(page.all("figcaption")) == len(page.all("svg"))
    assert all(len(svg["aria-label"]) > 20 and svg["role"] == "img" for svg in page.all("svg"))
    assert ([{"lang": "en"}], 1) == (page.all("html"), len(page.all("h1")))


def test_names_are_escaped():
    """Any text is shown literally in comparators, groups, title, facts and tables; a dollar is no mathematics."""
    outcome = replace(full(), comparators=(EVIL, r"_$\x_1$"), group_names=(EVIL, "\u8679", "$c"))
    table = Table(EVIL, EVIL, [EVIL], [[EVIL]])
    text = render(all_findings.measure(outcome), title=EVIL, facts=[(EVIL, EVIL)], tables=[table])

    assert "<script" not in text
    assert EVIL in "".join(Page(text).text)
    assert 8 <= "".join(Page(text).text).count(r"_$\x_1$")


def test_the_page_shows_the_measured_rates(found, page):
    """The page has the text of the fused FNMR, and the reason why a claim with too few rows is not shown."""
    text = "".join(page.text)

    assert found.errors[-1].points[0].fnmr.text().split("\n")[0] in text
    assert "needs 30,000 non-mated" in text


CASES = {
    "no quality": lambda: replace(full(), quality=None),
    "no groups": lambda: replace(full(), group=None, group_names=()),
    "one comparator": lambda: gaussian(30, (2.0,)),
    "few rows": lambda: gaussian(3),
    "two rows": lambda: replace(gaussian(2), mated=np.array([True, False, False, False])),
    "constant column": lambda: replace(gaussian(30), scores=np.ones((900, 2), np.float32)),
    "constant LLR": lambda: replace(
        gaussian(30), llr=np.zeros(900, np.float32), single_llr=np.zeros((900, 2), np.float32)
    ),
    "separated": lambda: gaussian(30, (40.0, 40.0)),
    "a comparator that compared nothing": lambda: without(gaussian(30), np.arange(900), [1]),
    "a comparator without mated rows": lambda: without(gaussian(30), np.flatnonzero(gaussian(30).mated), [1]),
    "fourteen comparators": lambda: gaussian(25, (1.0,) * 14),
}


@pytest.mark.parametrize("case", CASES)
def test_any_outcome_gives_a_page_and_a_summary(case):
    """The page is well formed and its text contains no NaN or infinity; the summary is valid JSON."""
    outcome = CASES[case]()
    found = all_findings.measure(outcome)
    words = " ".join(Page(render(found, title="T", facts=[], tables=[])).text)

    assert not {"nan", "inf", "None"} & set(words.replace("–", " ").split())
    assert len(outcome.mated) == json.loads(json.dumps(all_findings.plain(found), allow_nan=False))["counts"]["rows"]


def test_the_summary_holds_what_the_page_shows(found):
    """Chapter by chapter, with its targets."""
    found = all_findings.plain(found)

    assert [list(all_findings.TARGET_FMRS), all_findings.REVIEW_BAND_LLR] == [
        found["targets"],
        found["review_band_llr"],
    ]
    assert ["comparator 0", "comparator 1", "fused"] == [each["name"] for each in found["errors"]]
    assert 3600 == sum(each["mated"] + each["non_mated"] for each in found["missing"])
    assert {"histograms", "calibration", "quality", "identification", "review", "differential"} < set(found)


def test_an_outcome_of_one_kind_or_of_unequal_tables_is_refused():
    """An outcome of mated rows only, or with tables of different lengths, is refused."""
    outcome = gaussian(10)
    with pytest.raises(ValueError, match="mated"):
        replace(outcome, mated=np.ones(100, np.bool_))
    with pytest.raises(ValueError, match="100 rows"):
        replace(outcome, probe=outcome.probe[:5])
