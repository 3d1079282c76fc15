"""What pages make of answers: tabs, drawings, charts, addresses."""

from __future__ import annotations

import numpy as np
import pytest

from console.operators.metrics import mixes, rows_of, spreads
from console.values.drawing import mark, path_of
from console.values.samples import Sample, tabs_of
from console.web.addresses import Addresses
from infra.settings import Settings

TEXT = """
# HELP biofusion_decisions_total Decisions.
biofusion_decisions_total{operation="verify",outcome="MATCH",modalities="FACE"} 6.0
biofusion_decisions_total{operation="verify",outcome="REVIEW",modalities="FACE"} 2.0
biofusion_sample_quality_bucket{service="iris",le="10.0"} 1.0
biofusion_sample_quality_bucket{service="iris",le="20.0"} 4.0
biofusion_sample_quality_bucket{service="iris",le="+Inf"} 5.0
other_total 3
broken{ 1 2
"""


def sample(side, index, position):
    """A fingerprint."""
    return Sample(side, index, "FINGERPRINT", position, "", has_image=False, has_template=False)


def test_samples_side_by_side():
    """Each position is a tab; a side with more samples of it, or without any, leaves the other empty."""
    samples = (
        sample("probe", 0, "RIGHT_INDEX"),
        sample("probe", 1, "RIGHT_INDEX"),
        sample("probe", 2, "LEFT_THUMB"),
        sample("candidate", 0, "RIGHT_INDEX"),
        sample("candidate", 1, "LEFT_INDEX"),
    )
    found = [
        (tab.position, tab.number, tab.probe and tab.probe.index, tab.candidate and tab.candidate.index)
        for tab in tabs_of(samples)
    ]
    assert [
        ("RIGHT_INDEX", 1, 0, 0),
        ("RIGHT_INDEX", 2, 1, None),
        ("LEFT_THUMB", 1, 2, None),
        ("LEFT_INDEX", 1, None, 1),
    ] == found


def test_charts():
    """Outcomes are shares of their kind, and sums up to bounds become counts of the ten classes."""
    (mix,) = mixes(rows_of(TEXT))
    assert ((6, 2, 0), 25.0) == (mix.counts, mix.review_percent)
    assert [("MATCH", 0, 75), ("REVIEW", 75, 25), ("NO_MATCH", 100, 0)] == list(mix.widths)
    (spread,) = spreads(rows_of(TEXT))
    assert [1, 3, 0, 0, 0, 0, 0, 0, 0, 1] == [count for _, count, _ in spread.bars]
    assert (("0–10", 1, 100 / 3), ("90–100", 1, 100 / 3)) == (spread.bars[0], spread.bars[-1])


def test_a_mask_as_a_path():
    """Each run of a row becomes a rectangle."""
    mask = np.array([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    assert "M1 0h2v1h-2zM4 0h1v1h-1zM0 2h5v1h-5z" == path_of(mask)
    assert "" == path_of(np.zeros((0, 0), bool))


@pytest.mark.parametrize(("angle", "tail"), [(0, (24, 20)), (90, (10, 6)), (180, (-4, 20))])
def test_a_minutia_points_counter_clockwise(angle, tail):
    """Angles rise against the clock, while y goes down."""
    found = mark(10, 20, angle, forks=True)
    assert tail == (found.tail_x, found.tail_y)


def test_addresses():
    """On loopback its three names count, otherwise the stated origin alone."""
    local = Addresses.of(Settings(), 8050)
    assert {"127.0.0.1:8050", "localhost:8050", "[::1]:8050"} == local.hosts
    stated = Addresses.of(Settings(console_host="0.0.0.0", console_origin="https://console.example.org/"), 8050)
    assert (("https://console.example.org",), False, True) == (stated.origins, stated.is_loopback, stated.is_secure)
