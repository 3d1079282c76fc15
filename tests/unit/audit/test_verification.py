from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.chain_check import MOST_FAULTS
from audit.chain_folder import segment_path
from audit.faults import FaultKind
from audit.heads import Head
from audit.signing import public_keys
from audit.verification import Verified, verify
from tests.support.audit.chains import Keys, lines, put, rechained, write_chain

CHANGED, MISSING, MOVED, FORKED, TRUNCATED, BADLY_SIGNED, UNSIGNED = FaultKind

Change = Callable[[list[bytes]], list[bytes]]


def edited(before: list[bytes]) -> list[bytes]:
    """One record says something else."""
    return [*before[:50], before[50].replace(b"id-", b"ix-"), *before[51:]]


def edited_at_the_end(before: list[bytes]) -> list[bytes]:
    """The last record says something else, and has the hash that it should have."""
    return rechained([*before[:-1], before[-1].replace(b"true", b"false")], len(before) - 1)


def taken_out(before: list[bytes]) -> list[bytes]:
    """One record is not there."""
    return [*before[:50], *before[51:]]


def swapped(before: list[bytes]) -> list[bytes]:
    """Two records are in each other's place."""
    return [*before[:50], before[51], before[50], *before[52:]]


def twice(before: list[bytes]) -> list[bytes]:
    """One record is there twice."""
    return [*before[:50], before[50], *before[50:]]


def rewritten(before: list[bytes]) -> list[bytes]:
    """One record is taken out, and all after it have new numbers and hashes."""
    return rechained([*before[:50], *before[51:]], 50)


def without_heads(before: list[bytes]) -> list[bytes]:
    """As rewritten, and all heads are taken out, which would show it."""
    return rechained([line for line in rewritten(before) if b'"kind":"HEAD"' not in line], 50)


def no_line(before: list[bytes]) -> list[bytes]:
    """A line is something else."""
    return [*before[:50], b"nothing of the kind\n", *before[51:]]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """A signing key."""
    return Keys.make(tmp_path_factory.mktemp("keys"))


def checked(folder: Path, keys: Keys, *kept: Head, may_begin_later: bool = False) -> Verified:
    """Verify with the keys and heads."""
    return verify(folder, public_keys((keys.public,)), kept, may_begin_later=may_begin_later)


def kinds(folder: Path, keys: Keys, *kept: Head, may_begin_later: bool = False) -> set[FaultKind]:
    """The kinds of faults found."""
    return {each.kind for each in checked(folder, keys, *kept, may_begin_later=may_begin_later).faults}


def test_a_chain_that_nobody_touched_is_in_order(tmp_path: Path, keys: Keys) -> None:
    """All its records are counted, over several files and processes, and every head that was kept is in it."""
    first = write_chain(tmp_path, keys, 150, segment_bytes=5000)
    second = write_chain(tmp_path, keys, 150, segment_bytes=5000)
    found = checked(tmp_path, keys, first, second)
    assert () == found.faults
    (chain,) = found.chains
    assert ("one", second, 1, 0) == (chain.instance, chain.head, chain.unsigned, chain.torn)
    assert segment_path(tmp_path / "one", 3).exists()
    assert second.n + 1 == found.records


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edited, {CHANGED}),
        (edited_at_the_end, {BADLY_SIGNED}),
        (taken_out, {MISSING}),
        (swapped, {MISSING, MOVED}),
        (twice, {MOVED}),
        (rewritten, {BADLY_SIGNED}),
        (without_heads, {UNSIGNED}),
        (no_line, {CHANGED}),
    ],
)
def test_what_is_done_to_lines_is_found_without_a_kept_head(
    tmp_path: Path, keys: Keys, change: Change, expected: set[FaultKind]
) -> None:
    """An edit, a deletion, another order, a repetition and a chain written again, with the heads and without."""
    write_chain(tmp_path, keys, 2200)
    put(tmp_path / "one", change(lines(tmp_path / "one")))
    assert expected <= kinds(tmp_path, keys)


def test_a_chain_that_is_cut_off_or_gone_is_found_by_a_kept_head(tmp_path: Path, keys: Keys) -> None:
    """The records before the cut are in order; only who has kept a head sees that there were more, or a chain."""
    head = write_chain(tmp_path, keys, 50)
    put(tmp_path / "one", lines(tmp_path / "one")[:30])
    assert (set(), {TRUNCATED}) == (kinds(tmp_path, keys), kinds(tmp_path, keys, head))
    put(tmp_path / "one", [])
    assert {MISSING} == kinds(tmp_path, keys, head)
    shutil.rmtree(tmp_path / "one")
    assert {MISSING} == kinds(tmp_path, keys, head)


def test_a_fork_is_found(tmp_path: Path, keys: Keys) -> None:
    """A chain that was set back and continued otherwise is there twice; alone, it is not that of the kept head."""
    write_chain(tmp_path, keys, 50)
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    head = write_chain(tmp_path, keys, 50)
    shutil.move(tmp_path / "one", tmp_path / "first")
    shutil.move(tmp_path / "copy", tmp_path / "one")
    write_chain(tmp_path, keys, 60, purpose="another")
    assert {FORKED} == kinds(tmp_path, keys)
    shutil.rmtree(tmp_path / "first")
    assert (set(), {FORKED}) == (kinds(tmp_path, keys), kinds(tmp_path, keys, head))


def test_two_chains_of_one_instance_are_found(tmp_path: Path, keys: Keys) -> None:
    """A process that began anew, while the former chain lies beside, is told."""
    write_chain(tmp_path, keys, 5)
    shutil.move(tmp_path / "one", tmp_path / "former")
    write_chain(tmp_path, keys, 5)
    assert {FORKED} == kinds(tmp_path, keys)


def test_files_of_a_chain_are_in_their_places(tmp_path: Path, keys: Keys) -> None:
    """Two files that have changed their names, one of another chain, and one that is gone, are found."""
    write_chain(tmp_path, keys, 100, segment_bytes=3000, group=10)
    write_chain(tmp_path, keys, 100, instance="two", segment_bytes=3000, group=10)
    folder, other = tmp_path / "one", tmp_path / "two"
    first, second, third = (segment_path(folder, each).read_bytes() for each in (1, 2, 3))
    put(folder, [second], 1)
    put(folder, [first], 2)
    assert MOVED in kinds(tmp_path, keys)
    put(folder, [first], 1)
    put(folder, [segment_path(other, 2).read_bytes()], 2)
    assert {MOVED, CHANGED} <= kinds(tmp_path, keys)
    segment_path(folder, 2).unlink()
    assert MISSING in kinds(tmp_path, keys)
    put(folder, [second], 2)
    assert set() == kinds(tmp_path, keys)
    assert third == segment_path(folder, 3).read_bytes()


def test_the_oldest_files_may_be_in_an_archive(tmp_path: Path, keys: Keys) -> None:
    """A chain that begins later is a fault, unless this is stated; a head that was kept still stands for it."""
    head = write_chain(tmp_path, keys, 100, segment_bytes=3000, group=10)
    segment_path(tmp_path / "one", 0).unlink()
    assert {MISSING} == kinds(tmp_path, keys, head)
    assert set() == kinds(tmp_path, keys, head, may_begin_later=True)


def test_a_head_by_another_key_is_found(tmp_path: Path, keys: Keys) -> None:
    """A chain, and a kept head, that somebody else has signed are not believed."""
    other = Keys.make(tmp_path / "other")
    head = write_chain(tmp_path / "log", other, 5)
    assert {BADLY_SIGNED} == kinds(tmp_path / "log", keys, head)
    assert set() == kinds(tmp_path / "log", other, head)


def test_a_line_that_is_not_whole_is_no_fault(tmp_path: Path, keys: Keys) -> None:
    """A process may be writing it now, or have ended within it; it was not acknowledged."""
    write_chain(tmp_path, keys, 5)
    with segment_path(tmp_path / "one", 0).open("ab") as file:
        file.write(b"0123456789")
    found = checked(tmp_path, keys)
    assert ((), 10) == (found.faults, found.chains[0].torn)


def test_many_faults_are_counted_and_some_of_them_told(tmp_path: Path, keys: Keys) -> None:
    """A log that is damaged everywhere does not fill the memory of who verifies it."""
    write_chain(tmp_path, keys, 300)
    put(tmp_path / "one", [line.replace(b"CALL", b"CULL") for line in lines(tmp_path / "one")])
    (chain,) = checked(tmp_path, keys).chains
    assert (MOST_FAULTS, 300) == (len(chain.faults), chain.fault_count)
