"""Binary codes of minutiae."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.comparison.descriptor import LENGTH
from services.fingerprint.comparison.stack import PrintStack
from services.fingerprint.screening.minutia_codes import BITS, SECTORS, WORDS, Codes, encode, new_order, sort
from services.fingerprint.template.features import Minutiae
from tests.unit.services.fingerprint.minutiae import random_minutiae, template_of


def sketch_of(descriptors: np.ndarray) -> Codes:
    """Codes of these descriptors, in their order."""
    codes = np.empty((len(descriptors), WORDS), np.uint64)
    encode(descriptors.astype(np.int16), np.arange(len(descriptors)), codes)
    return codes


def differing(codes: np.ndarray) -> list[int]:
    """Number of bits in which each code differs from the first."""
    return [int.from_bytes((code ^ codes[0]).tobytes(), "little").bit_count() for code in codes]


@pytest.fixture(scope="module")
def prints() -> PrintStack:
    """Five prints, one of them empty."""
    counts = (40, 0, 25, 60, 1)
    return FingerprintComparator().stack([template_of(random_minutiae(7 + n, n)) for n in counts])


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 120, 180])
def test_differing_bits_measure_the_angle_between_descriptors(degrees: int) -> None:
    """The share of differing bits is the angle over 180°, within four standard deviations of random bits."""
    random, turn = np.random.default_rng(1), np.radians(degrees)
    a, b = np.linalg.qr(random.normal(size=(LENGTH, 2)))[0].T
    vectors = np.array([a, np.cos(turn) * a + np.sin(turn) * b])
    share = differing(sketch_of(np.rint(254 * vectors)))[1] / BITS
    assert abs(share - degrees / 180) < 4 * np.sqrt(0.25 / BITS)


def test_a_code_depends_on_its_descriptor_only() -> None:
    """37 minutiae encoded together have the same codes as encoded singly."""
    descriptors = np.random.default_rng(2).integers(-40, 41, (37, LENGTH))
    alone = [sketch_of(each[None])[0].tolist() for each in descriptors]
    assert alone == sketch_of(descriptors).tolist()


def test_minutiae_are_sorted_by_sector_of_direction(prints: PrintStack) -> None:
    """Each sector contains exactly the print's minutiae of these directions, in the print's order."""
    for k in range(len(prints)):
        first, last = prints.packed.starts[k : k + 2]
        angles, order = prints.opened.minutiae[first:last, 2], new_order()
        sort(prints.packed, k, order)
        assert (0, last - first) == (order.sectors[0], order.sectors[SECTORS])
        for sector in range(SECTORS):
            inside = np.flatnonzero(np.floor(angles * SECTORS / (2 * np.pi)) == sector)
            assert inside.tolist() == order.rows[order.sectors[sector] : order.sectors[sector + 1]].tolist()


def test_codes_are_in_this_order(prints: PrintStack) -> None:
    """Row by row, a stack's codes are those of the print's descriptors in the order of the sectors."""
    for k in range(len(prints)):
        rows, order = slice(*prints.packed.starts[k : k + 2]), new_order()
        sort(prints.packed, k, order)
        descriptors = prints.opened.descriptors[rows]
        sorted_ones = descriptors[order.rows[: len(descriptors)]]
        assert sketch_of(sorted_ones).tolist() == prints.codes[rows].tolist()


def test_the_last_direction_before_a_full_turn_is_in_the_last_sector() -> None:
    """The largest angle that a template holds is in the last sector, the smallest in the first."""
    nowhere, angle = np.zeros(2, np.float32), np.array([65535 / 65536 * 2 * np.pi, 0.0], np.float32)
    fields = nowhere, np.array([0, 9], np.float32), angle, np.ones(2, np.bool_), np.ones(2, np.float32)
    minutiae = Minutiae(*fields, np.zeros(2, np.uint32))
    packed, order = FingerprintComparator().stack([template_of(minutiae)]).packed, new_order()
    sort(packed, 0, order)
    assert [0] + [1] * (SECTORS - 1) + [2] == order.sectors[: SECTORS + 1].tolist()
