"""Binary codes of minutiae."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.comparison.descriptor import LENGTH
from services.fingerprint.comparison.prints import Prints
from services.fingerprint.screening.minutia_codes import BITS, SECTORS, MinutiaCodes, code_minutiae
from tests.unit.services.fingerprint.minutiae import random_minutiae, template_of


def sketch_of(descriptors: np.ndarray) -> MinutiaCodes:
    """Codes of one print whose minutiae all point right, so that their order is kept."""
    minutiae = np.zeros((len(descriptors), 3), np.float32)
    return code_minutiae(minutiae, descriptors.astype(np.int8), np.array([0, len(descriptors)]))


def differing(codes: np.ndarray) -> list[int]:
    """Number of bits in which each code differs from the first."""
    return [int.from_bytes((code ^ codes[0]).tobytes(), "little").bit_count() for code in codes]


@pytest.fixture(scope="module")
def prints() -> Prints:
    """Five prints, one of them empty."""
    counts = (40, 0, 25, 60, 1)
    return FingerprintComparator().stack([template_of(random_minutiae(7 + n, n)) for n in counts])


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 120, 180])
def test_differing_bits_measure_the_angle_between_descriptors(degrees: int) -> None:
    """The share of differing bits is the angle over 180°, within four standard deviations of random bits."""
    random, turn = np.random.default_rng(1), np.radians(degrees)
    a, b = np.linalg.qr(random.normal(size=(LENGTH, 2)))[0].T
    vectors = np.array([a, np.cos(turn) * a + np.sin(turn) * b])
    share = differing(sketch_of(np.rint(254 * vectors)).codes)[1] / BITS
    assert abs(share - degrees / 180) < 4 * np.sqrt(0.25 / BITS)


def test_a_code_depends_on_its_descriptor_only() -> None:
    """37 minutiae encoded together have the same codes as encoded singly."""
    descriptors = np.random.default_rng(2).integers(-40, 41, (37, LENGTH))
    alone = [sketch_of(each[None]).codes[0].tolist() for each in descriptors]
    assert alone == sketch_of(descriptors).codes.tolist()


def test_minutiae_are_sorted_by_sector_of_direction(prints: Prints) -> None:
    """Each sector contains exactly the print's minutiae of these directions, with their positions."""
    for k, (first, last) in enumerate(zip(prints.starts, prints.starts[1:], strict=False)):
        minutiae, sectors = prints.minutiae[first:last], prints.minutia_codes.sectors[k]
        places = prints.minutia_codes.places[first:last]
        assert (0, last - first) == (sectors[0], sectors[SECTORS])
        for sector in range(SECTORS):
            inside = np.floor(minutiae[:, 2] * SECTORS / (2 * np.pi)) == sector
            assert minutiae[inside, :2].tolist() == places[sectors[sector] : sectors[sector + 1], :2].tolist()
        assert np.allclose(np.hypot(*places[:, 2:].T), 1)


def test_directions_just_below_a_full_turn_are_in_the_last_sector() -> None:
    """The largest float32 below 2π, and 2π, which rounding may produce, are in the last sector."""
    angles = np.array([np.nextafter(np.float32(2 * np.pi), 0), np.float32(2 * np.pi)], np.float32)
    minutiae = np.column_stack([np.zeros((2, 2), np.float32), angles])
    sectors = code_minutiae(minutiae, np.ones((2, LENGTH), np.int8), np.array([0, 2])).sectors
    assert [0] * SECTORS + [2] == sectors[0].tolist()
