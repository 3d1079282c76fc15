"""Screening score of two prints by their minutia codes: a search's first pass over all; the best are compared in full.

1. Every minutia of the probe is paired with the minutia of the reference that has the most similar code
   (minutia_codes.py), the first if several, among those at most 7 sectors of direction away: never over 90°.
   A pair's weight is 116 minus the number of differing bits; pairs without positive weight are dropped.
2. The 16 pairs of most weight are kept.
3. Two pairs support each other by the product of their weights times a factor from 1 to 0 that falls with their misfit
   to one motion: both must rotate alike, and the segment between them must be the same in both prints after the
   rotation is removed.
4. Score = √(sum of all support) / n^¾, for n minutiae of the reference: with more of them, more pairs occur by chance.

Sums are computed in a fixed order: a score depends only on the two templates, and is the same in every run.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from biometrics.comparison import Scores
from infra.kernels.kernel import kernel
from infra.kernels.population_count import population_count
from services.fingerprint.screening.minutia_codes import SECTORS, Codes, Order, new_order, sort
from services.fingerprint.template.arrays import Floats, Indices
from services.fingerprint.template.unpacking import ANGLES, Packed, direction, placed, record, record_bytes

REACH = 7  # sectors of 11.25°
MAX_DISTANCE = 116  # bits
PAIRS = 16
TURN_TOLERANCE = 0.3  # radians
SHIFT_TOLERANCE = 8.0  # px
STRETCH_TOLERANCE = 0.12  # px per px of the segment

_NO_PAIR = MAX_DISTANCE << 7


@cache
def units() -> Floats:
    """Cosine and sine of each direction that a template can hold, float32 (65536, 2)."""
    return _units(ANGLES)


@kernel
def _units(angles: Floats) -> Floats:
    found = np.empty((len(angles), 2), np.float32)
    for k in range(len(angles)):
        found[k, 0], found[k, 1] = np.cos(angles[k]), np.sin(angles[k])
    return found


class Probe(NamedTuple):
    """One probe.

    Args:
        codes: uint64, shape (n, 4).
        sectors: int64, shape (34,): see `Order`.
        places: float32, shape (n, 4): x, y (px), cosine and sine of the direction, in the order of the codes.
    """

    codes: Codes
    sectors: Indices
    places: Floats


@kernel
def screen_all(
    probes: Packed, probe_codes: Codes, references: Packed, codes: Codes, units: Floats, scores: Scores
) -> None:
    """Write the score of every probe with every reference; float32, shape (probes, references), ≥ 0.

    Args:
        probes: any number.
        probe_codes: their codes.
        references: any number.
        codes: their codes.
        units: by `units`.
        scores: output.
    """
    keys, ends, order = np.empty(128, np.int64), np.empty((8, PAIRS), np.float32), new_order()
    places, sectors = _arranged(probes, units, order)
    for column in range(scores.shape[1]):
        sort(references, column, order)
        first, count = references.starts[column], references.starts[column + 1] - references.starts[column]
        for row in range(scores.shape[0]):
            own = slice(probes.starts[row], probes.starts[row + 1])
            probe = Probe(probe_codes[own], sectors[row], places[own])
            kept = _keep_best(keys, _closest_pairs(probe, codes[first : first + count], order.sectors, keys))
            _load(probe, references, column, order.rows, units, keys, kept, ends)
            scores[row, column] = np.sqrt(_support(ends, kept)) / max(count, 1) ** 0.75


@kernel
def _arranged(probes: Packed, units: Floats, order: Order) -> tuple[Floats, Indices]:
    """Places of all probes' minutiae in the order of their codes, float32 (minutiae, 4), and sectors (probes, 34)."""
    places = np.empty((probes.starts[-1], 4), np.float32)
    sectors = np.empty((len(probes.starts) - 1, SECTORS + 2), np.int64)
    for k in range(len(sectors)):
        sort(probes, k, order)
        sectors[k] = order.sectors
        size = record_bytes(probes, k)
        for j in range(probes.starts[k + 1] - probes.starts[k]):
            _place(probes, k, order.rows[j], size, units, places[probes.starts[k] + j])
    return places, sectors


@kernel
def _place(packed: Packed, k: int, row: int, size: int, units: Floats, out: Floats) -> None:
    """Write x, y, cosine and sine of the direction of one minutia."""
    place = record(packed, k, row, size)
    unit = units[direction(packed.data, place)]
    out[0], out[1], _ = placed(packed.data, place)
    out[2], out[3] = unit[0], unit[1]


@kernel
def _closest_pairs(probe: Probe, codes: Codes, sectors: Indices, keys: Indices) -> int:
    """Step 1: write each pair's key, differing bits << 14 | probe row << 7 | reference row; return how many."""
    found = 0
    for sector in range(SECTORS):
        low, high = (sector - REACH) % SECTORS, (sector + REACH) % SECTORS + 1
        begin, end = sectors[low], sectors[high]
        wraps = low >= high
        split, rest = (sectors[SECTORS], end) if wraps else (end, 0)
        for i in range(probe.sectors[sector], probe.sectors[sector + 1]):
            best = _closest(probe.codes[i], codes, 0, rest, _NO_PAIR)
            best = _closest(probe.codes[i], codes, begin, split, best)
            keys[found] = ((best >> 7) << 14) | (i << 7) | (best & 127)
            found += best < _NO_PAIR
    return found


@kernel
def _closest(code: Codes, codes: Codes, begin: int, end: int, best: int) -> int:
    """The least of `best` and of differing bits << 7 | j for the rows j of the reference from begin to end."""
    c0, c1, c2, c3 = code[0], code[1], code[2], code[3]
    for j in range(begin, end):
        d = codes[j]
        differing = population_count(c0 ^ d[0]) + population_count(c1 ^ d[1])
        differing += population_count(c2 ^ d[2]) + population_count(c3 ^ d[3])
        best = min(best, (int(np.int64(differing)) << 7) | j)
    return best


@kernel
def _keep_best(keys: Indices, found: int) -> int:
    """Step 2: put the 16 smallest keys first, ascending; return how many there are."""
    kept = 0
    for k in range(found):
        key, place = keys[k], min(kept, PAIRS - 1)
        if kept == PAIRS and key > keys[place]:
            continue
        while place > 0 and keys[place - 1] > key:
            keys[place] = keys[place - 1]
            place -= 1
        keys[place] = key
        kept = min(kept + 1, PAIRS)
    return kept


@kernel
def _load(
    probe: Probe, references: Packed, k: int, rows: Indices, units: Floats, keys: Indices, kept: int, ends: Floats
) -> None:
    """Write x, y in the probe, x, y in the reference, cosine and sine of the turn, and weight of each pair."""
    ends[:] = 0.0
    b, size = np.empty(4, np.float32), record_bytes(references, k)
    for p in range(kept):
        a = probe.places[(keys[p] >> 7) & 127]
        _place(references, k, rows[keys[p] & 127], size, units, b)
        ends[0, p], ends[1, p], ends[2, p], ends[3, p] = a[0], a[1], b[0], b[1]
        ends[4, p], ends[5, p] = a[2] * b[2] + a[3] * b[3], a[2] * b[3] - a[3] * b[2]
        ends[6, p] = MAX_DISTANCE - (keys[p] >> 14)


@kernel
def _support(ends: Floats, kept: int) -> float:
    """Step 3, every two pairs counted twice; written so that the compiler can vectorise the inner loop."""
    x_a, y_a, x_b, y_b, cosine, sine = ends[0], ends[1], ends[2], ends[3], ends[4], ends[5]
    weight, support = ends[6], ends[7]
    turn = np.float32(0.5 / TURN_TOLERANCE**2)
    shift, stretch = np.float32(2 * SHIFT_TOLERANCE**2), np.float32(STRETCH_TOLERANCE**2)
    half, one, zero = np.float32(0.5), np.float32(1.0), np.float32(0.0)
    for p in range(kept):
        for q in range(PAIRS):
            ux, uy, vx, vy = x_a[q] - x_a[p], y_a[q] - y_a[p], x_b[q] - x_b[p], y_b[q] - y_b[p]
            c, s = half * (cosine[p] + cosine[q]), half * (sine[p] + sine[q])
            across, along = c * ux - s * uy - vx, s * ux + c * uy - vy
            apart = vx * vx + vy * vy
            tolerance = shift + stretch * (ux * ux + uy * uy + apart)
            turned = turn * (one - cosine[p] * cosine[q] - sine[p] * sine[q])
            fit = one - turned - np.divide(across * across + along * along, tolerance)
            fit = fit if fit > zero and apart > zero else zero
            support[q] += weight[p] * weight[q] * fit
    total = zero
    for q in range(PAIRS):
        total += support[q]
    return float(total)
