"""gallery.store.tokens: positions in the feeds of partitions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import FieldInvalid
from gallery.store.tokens import MAX_NUMBER, FeedPosition, Positions, joined, parse, partitions_of
from gallery.store.values import START, ConsistencyToken

QUICK = settings(deadline=None, database=None)
LETTERS = "redis.019abf-=_YQ~ \0ü"
STORE = "0a1b2c3d"

numbers = st.tuples(st.integers(0, MAX_NUMBER), st.integers(0, MAX_NUMBER))


def at(number: tuple[int, int], partition: int = 7, epoch: str = "0000e0c4") -> FeedPosition:
    """A position in a partition."""
    return FeedPosition(partition, epoch, "0123abcd", number)


def token(*positions: FeedPosition, store_id: str = STORE) -> ConsistencyToken:
    """The token of positions."""
    return Positions("redis", store_id, {each.partition: each for each in positions}).token


@QUICK
@given(first=numbers, second=numbers)
def test_positions_compare_as_numbers(first: tuple[int, int], second: tuple[int, int]) -> None:
    """Positions are ordered by number, 10 after 9, in both parts, and a token is parsed to its positions."""
    one, two = token(at(first), at(second, 8)), token(at(second))
    assert {7: at(first), 8: at(second, 8)} == parse(one, "redis", STORE).of
    assert (first >= second) == parse(one, "redis").reached(parse(two, "redis"))
    assert not parse(two, "redis").reached(parse(one, "redis"))  # it says nothing of partition 8


@QUICK
@given(st.text(LETTERS, max_size=40))
def test_text_that_is_no_token_is_refused(text: str) -> None:
    """Any other text raises FieldInvalid, never another error."""
    if text != START:
        with pytest.raises(FieldInvalid):
            parse(ConsistencyToken(text), "redis")
        with pytest.raises(FieldInvalid):
            partitions_of(ConsistencyToken(text))


def test_tokens_of_other_stores_are_refused() -> None:
    """Another kind of store, or another id, is not taken for this one."""
    for adapter, store_id in (("sqlite", STORE), ("redis", "ffffffff")):
        with pytest.raises(FieldInvalid):
            parse(token(at((1, 0))), adapter, store_id)
    for first, second in ((STORE, "ffffffff"), ("ffffffff", STORE)):
        tokens = [token(at((1, 0)), store_id=each) for each in (first, second)]
        with pytest.raises(FieldInvalid):
            joined(tokens)
        with pytest.raises(FieldInvalid):
            parse(tokens[0], "redis").reached(parse(tokens[1], "redis"))


def test_tokens_are_joined_to_the_latest_position_of_each_partition() -> None:
    """The greatest number of an epoch stands for it, in any order; of several epochs the last one that is named."""
    tokens = [token(at((5, 0)), at((1, 0), 8)), START, token(at((3, 0)), at((2, 0), 8)), token(at((9, 9), 1))]
    wanted = {7: at((5, 0)), 8: at((2, 0), 8), 1: at((9, 9), 1)}
    assert wanted == parse(joined(tokens), "redis").of == parse(joined([*reversed(tokens)]), "redis").of
    later = at((1, 0), epoch="00000001")
    assert {7: later} == parse(joined([token(at((5, 0))), token(later)]), "redis").of
    assert START == joined([START, START])
    assert (7, 8) == partitions_of(tokens[0])


def test_the_origin_has_no_positions() -> None:
    """The token of the origin is of its store only, and everything has reached it."""
    origin = token()
    assert ({}, ()) == (parse(origin, "redis", STORE).of, partitions_of(origin))
    assert parse(token(at((1, 0))), "redis").reached(parse(origin, "redis"))
    with pytest.raises(FieldInvalid):
        parse(origin, "redis", "ffffffff")


def test_later_positions_replace_earlier_ones() -> None:
    """A reader's positions advance by those of the changes it has read, also into a new epoch."""
    positions = parse(token(at((5, 0)), at((1, 0), 8)), "redis")
    new = replace(at((1, 0)), epoch="00000001")
    assert {7: new, 8: at((1, 0), 8)} == positions.advanced([at((6, 0)), new]).of
