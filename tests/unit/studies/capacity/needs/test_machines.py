"""Bytes, machines and cost."""

from __future__ import annotations

import pytest

from biometrics.template import Modality
from studies.capacity.answers.people import EYE, FACE, FINGER
from studies.capacity.needs.figures import COUNTS, Figure, Kind, of, per_subject, read_figures, write_figures
from studies.capacity.needs.machines import (
    Node,
    core_seconds,
    for_searches,
    machines,
    store_bytes,
)
from studies.capacity.needs.measuring import COMPARATORS, made_up, measured, references_of, sealing, stack_bytes

FIGURES = read_figures()
NODE = Node(cores=10, memory_gb=10.0, memory_share=0.5, busy_share=0.5, latency_s=1.0, replicas=2)


def made(**values):
    """The figures with some values replaced."""
    return FIGURES | {
        name.replace("__", "."): Figure(value, "", "", Kind.ASSUMED, "–") for name, value in values.items()
    }


def test_seconds_of_a_core():
    """A search takes as long as its modality's rate says, and the searches of a request add up."""
    figures = made(search_rate__FACE=1e6, search_rate__IRIS=1e5)

    assert 1.0 == pytest.approx(core_seconds(figures, {FACE: 1}, 1e6))
    assert 1.0 + 2 * 10.0 == pytest.approx(core_seconds(figures, {FACE: 1, EYE: 2}, 1e6))


def test_machines_for_searches():
    """Twice as many cores as are busy for half a share; at least as many as the latency needs; at least one machine."""
    figures = made(search_rate__FACE=1e6)

    assert 1 == for_searches(figures, {FACE: 1}, 1e5, 1.0, NODE)
    assert 20 == for_searches(figures, {FACE: 1}, 1e6, 100.0, NODE)
    assert 2 == for_searches(figures, {FACE: 1}, 1e7, 0.001, NODE)


def test_machines_for_memory():
    """As many as hold all bytes; the larger of memory and searches counts, for each copy."""
    figures = made(search_rate__FACE=1e6, index_bytes__FACE=2500.0, index_bytes__FINGERPRINT=0.0, index_bytes__IRIS=0.0)

    assert [1, 1, 2] == [NODE.for_memory(size) for size in (0, 5e9, 5.1e9)]
    assert 2 * 20 == machines(figures, {FACE: 1}, 1e6, 100.0, NODE)
    assert 2 * 5 == machines(figures, {FACE: 1}, 1e7, 0.001, NODE)


@pytest.mark.parametrize("counts", [{FACE: 1}, {FINGER: 10}, COUNTS])
def test_more_subjects_need_no_fewer_machines(counts):
    """The number of machines does not fall with subjects, nor with the rate."""
    numbers = [[machines(FIGURES, counts, n, rate, Node()) for n in (1e6, 1e7, 1e8, 3e8)] for rate in (1, 10, 100)]
    assert numbers == [sorted(each) for each in numbers]
    assert numbers == sorted(numbers)


def test_bytes_of_a_subject():
    """A file and a server hold more than the rows, and the snapshots all templates."""
    rows = sum(store_bytes(FIGURES).values())

    assert rows < FIGURES["sqlite_bytes"].value
    assert rows < FIGURES["redis_bytes"].value
    assert per_subject(FIGURES, "template_bytes") < sum(of(FIGURES, "snapshot_bytes", each) for each in COUNTS)


def test_sealed_sets_add_a_fixed_amount():
    """A sealed set has 16 bytes for each reference, and the same for the set however large the templates are."""
    small, large, two = (
        sealing(references_of(FINGER, count, size))[0] for count, size in ((1, 100), (1, 500), (2, 100))
    )

    assert 400 == large - small
    assert 116 == two - small


def test_measuring():
    """What is stored has sizes within 5 % of those that the plan uses."""
    sizes = {modality: int(of(FIGURES, "template_bytes", modality)) for modality in Modality}
    found = {name: each.value for name, each in measured(sizes).items() if not name.startswith(("open_us", "stack"))}
    planned = {name: FIGURES[name].value for name in found}

    assert planned == pytest.approx(found, rel=0.05), "Run: python -m studies.capacity --measure, then --document"


def test_stacks_keep_their_templates():
    """A stack of faces has codes and residuals, 1,024 bytes each together; its own objects are small."""
    assert 1024 <= stack_bytes(COMPARATORS[FACE](), made_up(FACE, 512)) < 1062


def test_figures_are_kept(tmp_path):
    """What is written is read again."""
    write_figures(FIGURES, tmp_path / "figures.json")

    assert FIGURES == read_figures(tmp_path / "figures.json")
