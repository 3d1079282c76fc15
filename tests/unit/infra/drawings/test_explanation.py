"""Explanations drawn as SVG."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from biometrics.comparison import Comparison
from biometrics.explanation import (
    Explanation,
    FaceFindings,
    Findings,
    FingerprintFindings,
    IrisFindings,
    MinutiaPair,
    PrintContent,
    PrintMinutia,
    PrintMotion,
)
from biometrics.rasters import one_bit_png
from infra.drawings.explanation import svg

SVG = "{http://www.w3.org/2000/svg}"


def print_of(count: int) -> PrintContent:
    """A print of so many minutiae, every other one a bifurcation."""
    minutiae = tuple(PrintMinutia(20 + 9 * k, 30, 10.0 * k, k % 2 == 1, 0.9) for k in range(count))
    return PrintContent(160, 96, one_bit_png(np.ones((6, 10), np.bool_)), minutiae)


RASTER = one_bit_png(np.random.default_rng(1).random((64, 256)) < 0.5)
PAIRS = (MinutiaPair(3, 1, 0.9), MinutiaPair(0, 4, 0.5))
PRINTS = FingerprintFindings(print_of(6), print_of(5), PAIRS, (), PrintMotion(12.0, 3.0, -4.0), 0.5, 2.0, 6, 5, 40)
APART = FingerprintFindings(print_of(2), print_of(5), (), (), None, 0.0, 0.0, 0, 0, 0)
IRISES = IrisFindings(RASTER, RASTER, RASTER, RASTER, 8000, 1200, 0.49, 0.15, -2.8)
FACES = FaceFindings((("sface", 0.41), ("dlib", -0.2)))


def drawn(findings: Findings) -> ET.Element:
    """The root of the drawing's document."""
    terms = () if findings is APART else (("likeness", 1.25), ("chance", -0.25))
    comparison = Comparison(0.0 if findings is APART else 1.0, 3.5, 1e-4, "a-1")
    return ET.fromstring(svg(Explanation(comparison, "m", "m", terms, findings)))


@pytest.mark.parametrize("findings", [PRINTS, APART, IRISES, FACES], ids=["prints", "apart", "irises", "faces"])
def test_a_drawing_is_a_document_that_a_strict_content_policy_shows(findings: Findings) -> None:
    """It states the score and its parts, and has no style, script or address but pictures within it."""
    root = drawn(findings)
    texts = [each.text or "" for each in root.iter(f"{SVG}text")]
    assert any("LLR +3.50" in each for each in texts)
    assert any(("= 1.000" in each) or ("Too little" in each) for each in texts)
    assert not {"style", "script", "foreignObject"} & {each.tag.removeprefix(SVG) for each in root.iter()}
    for each in root.iter():
        assert "style" not in each.attrib
        assert each.get("href", "data:image/png;base64,").startswith("data:image/png;base64,")


def test_paired_minutiae_have_numbers_and_lines() -> None:
    """Each pair has its number in both prints, the best pair 1, and one line; every minutia is drawn in each panel."""
    root = drawn(PRINTS)
    numbers = sorted(each.text for each in root.iter(f"{SVG}text") if (each.text or "").isdigit())
    links = [each for each in root.iter(f"{SVG}line") if "stroke-width" in each.attrib]
    ticks = [each for each in root.iter(f"{SVG}line") if "stroke-width" not in each.attrib]
    assert ["1", "1", "2", "2"] == numbers
    assert (2, 2 * (6 + 5)) == (len(links), len(ticks))


def test_prints_that_were_not_aligned_are_not_laid_over_each_other() -> None:
    """There are two panels, without lines."""
    root = drawn(APART)
    assert not [each for each in root.iter(f"{SVG}line") if "stroke-width" in each.attrib]
    assert "Laid over each other" not in [each.text for each in root.iter(f"{SVG}text")]
