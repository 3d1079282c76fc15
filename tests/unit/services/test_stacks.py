"""Stacks of joined data, and of rows gathered from other stacks, are those of the templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from benchmarks.services.synthetic_people import captures
from biometrics.comparison import Comparator
from biometrics.errors import TemplateMalformed
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Template
from cli.local.modalities import comparator


@pytest.fixture(params=list(Modality))
def compares(request: pytest.FixtureRequest) -> Comparator[object]:
    """Every comparator, with templates."""
    made: Comparator[object] = comparator(request.param)
    return made


def templates(modality: Modality, count: int) -> list[Template]:
    """Templates of made-up people, two each."""
    return [each for number in range(-(-count // 2)) for each in captures(modality, number)][:count]


def packed(made: list[Template]) -> PackedTemplates:
    """Their data, in an array that cannot be written to, as of a mapped file."""
    joined = PackedTemplates.of([each.data for each in made])
    joined.data.setflags(write=False)
    joined.starts.setflags(write=False)
    return joined


def leaves(stack: object) -> Iterator[object]:
    """All fields of a stack, and of the stacks and tuples in it."""
    if is_dataclass(stack):
        for each in fields(stack):
            yield from leaves(getattr(stack, each.name))
    elif isinstance(stack, tuple):
        for part in stack:
            yield from leaves(part)
    else:
        yield stack


def assert_equal(one: object, other: object) -> None:
    """All fields are equal, arrays in type, shape and every number."""
    pairs = list(zip(leaves(one), leaves(other), strict=True))
    assert len(pairs) > 1
    for left, right in pairs:
        assert isinstance(left, np.ndarray) == isinstance(right, np.ndarray)
        if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
            assert (left.dtype, left.shape) == (right.dtype, right.shape)
        assert np.array_equal(left, right)  # type: ignore[arg-type]  # numbers and arrays


@pytest.mark.parametrize("count", [0, 1, 21])
def test_joined_data_makes_the_same_stack(compares: Comparator[object], count: int) -> None:
    """`stack_packed` makes the stack that `stack` makes of the templates."""
    made = templates(compares.modality, count)
    assert_equal(compares.stack(made), compares.stack_packed(packed(made)))


@pytest.mark.parametrize("seed", range(3))
def test_gathered_rows_make_the_stack_of_their_templates(compares: Comparator[object], seed: int) -> None:
    """Random rows of random stacks, repeated rows and empty parts included, give the stack of the rows' templates."""
    random, made = np.random.default_rng(seed), templates(compares.modality, 20)
    parts, expected = [], []
    for size in (20, 7, 0, 1, 12):
        own = [made[each] for each in random.integers(len(made), size=size)]
        rows = random.integers(max(size, 1), size=min(size, int(random.integers(1, 12))))
        parts.append((compares.stack(own), rows))
        expected += [own[row] for row in rows]
    gathered = compares.gather(parts)
    assert_equal(compares.stack(expected), gathered)
    probe = compares.stack(made[:2])
    assert compares.compare(probe, compares.stack(expected)).tolist() == compares.compare(probe, gathered).tolist()


def test_no_parts_make_an_empty_stack(compares: Comparator[object]) -> None:
    """No stacks, or stacks of which no row is chosen, give the stack of no templates."""
    some, none = compares.stack(templates(compares.modality, 3)), np.empty(0, np.int64)
    for parts in ([], [(some, none)], [(compares.stack([]), none), (some, none)]):
        assert_equal(compares.stack([]), compares.gather(parts))


@pytest.mark.parametrize("place", range(3))
def test_damaged_data_is_refused_as_a_damaged_template_is(compares: Comparator[object], place: int) -> None:
    """Cut, lengthened, almost empty or overwritten data among sound data is refused in the words of `stack`."""
    good = templates(compares.modality, 2)
    data = good[0].data
    for damaged in (data[:-1], data + b"\0", data[:1], b"\xff" * len(data)):
        mixed = [*good]
        mixed.insert(place, Template(compares.modality, compares.model_id, damaged))
        with pytest.raises(TemplateMalformed) as of_stack:
            compares.stack(mixed)
        with pytest.raises(TemplateMalformed) as of_packed:
            compares.stack_packed(packed(mixed))
        assert of_stack.value.message == of_packed.value.message
