"""A search of faces in 4 shards of a Ray cluster on this machine, against one index in this process.

`python -m benchmarks.services.ray_search [FACES]` measures another number.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.face.synthetic_faces import unit
from benchmarks.harness import Row, Unavailable, compare
from benchmarks.limits import read_bytes_per_s
from benchmarks.services.synthetic_store import MadeFaces
from biometrics.template import Position
from gallery.cluster.messages import Importable
from gallery.index.exact import ExactIndex
from gallery.subject import DEFAULT_GALLERY
from services.face.comparator import SEGMENT_ROWS, PairComparator
from services.face.template.features import PAIR_DIMENSIONS, pack

COUNT, PARTITIONS, SHARDS, LIMIT = 1_000_000, 64, 4, 20


def measure() -> Row:
    """Both hold the same faces, and have as many threads as there are cores, or more."""
    return measured(COUNT)


def measured(count: int) -> Row:
    """The row for so many faces."""
    try:
        from tests.support.cluster.machines import machines  # noqa: PLC0415  # needs an optional package
    except ModuleNotFoundError as error:
        raise Unavailable("Ray is not installed") from error
    with tempfile.TemporaryDirectory() as folder, machines(1), asyncio.Runner() as runner:
        return _measured(count // PARTITIONS * PARTITIONS, Path(folder), runner)


def _measured(count: int, folder: Path, runner: asyncio.Runner) -> Row:
    from gallery.cluster.placement import Needs  # noqa: PLC0415
    from gallery.cluster.ray_index import RayIndex  # noqa: PLC0415
    from gallery.cluster.sharding import Sharding  # noqa: PLC0415

    store = MadeFaces(folder, PARTITIONS, count)
    arguments = {"folder": folder, "partitions": PARTITIONS, "count": count}
    sharding = Sharding(
        "auto",
        SHARDS,
        Needs(cpus=0.5, replicas=1),
        Importable("benchmarks.services.synthetic_store:MadeFaces", arguments),
        Importable("services.face.comparator:PairComparator"),
        segment_size=SEGMENT_ROWS,
    )
    spread = RayIndex(store, PairComparator(), sharding)
    one = ExactIndex(store, PairComparator(), segment_size=SEGMENT_ROWS, partitions=range(PARTITIONS))
    runner.run(one.start())
    runner.run(spread.start())
    asked = (pack(unit(1, 9)[0]), Position.FACE, DEFAULT_GALLERY, LIMIT)
    assert list(one.search(*asked)) == list(spread.search(*asked))
    row = compare(
        f"1 probe, {count:,} faces in {SHARDS} shards",
        lambda: spread.search(*asked),
        "one index",
        lambda: one.search(*asked),
        (1000 * count * PAIR_DIMENSIONS / read_bytes_per_s(), "reading the int8 codes"),
    )
    runner.run(spread.close())
    runner.run(one.close())
    runner.run(store.close())
    return row


if __name__ == "__main__":
    print(measured(int(sys.argv[1].replace("_", ""))))
