"""An audit log of 1,000,000 records: whatever is done to it is found, and it is verified within 10 s on one core."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from audit.chain_folder import segment_path, segments
from audit.faults import FaultKind
from audit.heads import Head
from audit.signing import public_keys
from audit.verification import Verified, verify
from soak.figures import Figure
from tests.support.audit.chains import Keys, lines, put, rechained, write_chain

RECORDS = 1_000_000
RECORD_BYTES = 1000
"""About what a verification of three modalities leaves."""
MOST_S = 10.0
TRIES = 3
"""Places, chosen at random, at which each change is tried."""

Change = Callable[[list[bytes], int], list[bytes]]

CHANGES: dict[str, tuple[Change, FaultKind]] = {
    "edit": (
        lambda before, at: [*before[:at], before[at].replace(b"id-", b"ix-"), *before[at + 1 :]],
        FaultKind.CHANGED,
    ),
    "delete": (lambda before, at: [*before[:at], *before[at + 1 :]], FaultKind.MISSING),
    "reorder": (lambda before, at: [*before[:at], before[at + 1], before[at], *before[at + 2 :]], FaultKind.MOVED),
    "write again from there": (
        lambda before, at: rechained([*before[:at], *before[at + 1 :]], at),
        FaultKind.BADLY_SIGNED,
    ),
}


def campaign() -> list[Figure]:
    """Write the log once; then change it, verify, and put it back."""
    with tempfile.TemporaryDirectory() as folder:
        place, keys = Path(folder) / "log", Keys.make(Path(folder))
        write_chain(place, keys, RECORDS // 2, rest="x" * (RECORD_BYTES - 150))
        shutil.copytree(place / "one", Path(folder) / "half")
        head = write_chain(place, keys, RECORDS // 2, rest="x" * (RECORD_BYTES - 150))
        begin = time.process_time()
        found = _verified(place, keys, head)
        took_s = time.process_time() - begin
        size = sum(path.stat().st_size for _, path in segments(place / "one")) // 2**20
        what = f"verify {found.records} records, {size} MiB, one core"
        figures = [
            Figure(what, f"≤ {MOST_S:.0f} s", f"{took_s:.1f} s", took_s <= MOST_S),
            _figure("unchanged", "nothing is found", [found.faults == ()]),
        ]
        figures += [_changed(name, place, keys, head) for name in CHANGES]
        figures += [_truncated(place, keys, head), _swapped(place, keys, head)]
        return [*figures, *_forked(place, Path(folder) / "half", keys, head)]


def _changed(name: str, place: Path, keys: Keys, head: Head) -> Figure:
    change, kind = CHANGES[name]
    rng, found = random.Random(name), []
    for _ in range(TRIES):
        segment = rng.randrange(len(segments(place / "one")))
        before = lines(place / "one", segment)
        at = rng.choice(
            [
                n
                for n in range(2, len(before) - 2)
                if b'"kind":"CALL"' in before[n] and b'"kind":"CALL"' in before[n + 1]
            ]
        )
        put(place / "one", change(before, at), segment)
        found.append(_has(_verified(place, keys, head), kind))
        put(place / "one", before, segment)
    return _figure(name, f"found as {kind}", found)


def _truncated(place: Path, keys: Keys, head: Head) -> Figure:
    last, path = segments(place / "one")[-1]
    before = lines(place / "one", last)
    found = []
    for at in (1, len(before) // 2, len(before) - 2):
        put(place / "one", before[:at], last)
        found.append(_has(_verified(place, keys, head), FaultKind.TRUNCATED))
    path.unlink()
    found.append(_has(_verified(place, keys, head), FaultKind.TRUNCATED))
    put(place / "one", before, last)
    return _figure("truncate", f"found as {FaultKind.TRUNCATED}", found)


def _swapped(place: Path, keys: Keys, head: Head) -> Figure:
    one, other, aside = (segment_path(place / "one", each) for each in (1, 2, 999_999))
    for source, target in ((one, aside), (other, one), (aside, other)):
        source.rename(target)
    found = _has(_verified(place, keys, head), FaultKind.MOVED)
    for source, target in ((other, aside), (one, other), (aside, one)):
        source.rename(target)
    return _figure("swap two files", f"found as {FaultKind.MOVED}", [found])


def _forked(place: Path, half: Path, keys: Keys, head: Head) -> list[Figure]:
    """The log of the middle is continued otherwise: beside the first continuation, and in its place."""
    shutil.copytree(half, place / "half")
    beside = _has(_verified(place, keys, head), FaultKind.FORKED)
    shutil.rmtree(place / "half")
    shutil.rmtree(place / "one")
    shutil.copytree(half, place / "one")
    write_chain(place, keys, RECORDS // 2 + 1000, rest="y" * (RECORD_BYTES - 150))
    instead = _has(_verified(place, keys, head), FaultKind.FORKED)
    return [_figure("fork", f"found as {FaultKind.FORKED}", [beside, instead])]


def _verified(place: Path, keys: Keys, head: Head) -> Verified:
    return verify(place, public_keys((keys.public,)), [head])


def _has(found: Verified, kind: FaultKind) -> bool:
    return any(each.kind is kind for each in found.faults)


def _figure(what: str, goal: str, found: list[bool]) -> Figure:
    return Figure(what, goal, f"{sum(found)} of {len(found)} times", all(found))
