"""Records of 64 callers, appended to an audit log, against writing the same groups of bytes with an fsync each."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.lines import body
from audit.signing import SigningKey, make
from audit.tail import Draft
from audit.writer import AuditLog
from benchmarks.harness import Row, compare, median_ms

CALLERS = 64
EACH = 50
FIELDS = {"time": "2026-01-02T03:04:05.678Z", "response": "x" * 850}
"""About what a verification of three modalities leaves."""


def measure() -> Row:
    """Each caller appends one record after another; the groups are those that came about in the round before."""
    with TemporaryDirectory() as folder, asyncio.Runner() as runner:
        make(Path(folder) / "key.pem")
        log = AuditLog(Path(folder), "one", SigningKey.load(Path(folder) / "key.pem"), {})
        groups = _noted(log)
        file = os.open(Path(folder) / "raw", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        record, sizes = body(FIELDS), list[int]()

        async def appended() -> None:
            async def one() -> None:
                for _ in range(EACH):
                    await log.append("CALL", record)

            groups.clear()
            await asyncio.gather(*(one() for _ in range(CALLERS)))
            sizes[:] = groups

        def raw() -> None:
            for size in sizes:
                os.write(file, b"x" * size)
                os.fsync(file)

        runner.run(appended())
        row = compare(
            f"{CALLERS * EACH} records of {len(record)} bytes, {CALLERS} callers, audit log",
            lambda: runner.run(appended()),
            "write and fsync of the same groups",
            raw,
            (median_ms(raw), "that"),
        )
        print(f"{len(sizes)} groups of {sum(sizes) // len(sizes)} bytes on average")
        log.close()
        os.close(file)
        return row


def _noted(log: AuditLog) -> list[int]:
    """The length of each group that is written from now on."""
    tail, groups = log._tail, list[int]()  # noqa: SLF001 - the groups are seen nowhere else
    commit = tail.commit

    def noted(draft: Draft) -> None:
        groups.append(sum(map(len, draft.lines)))
        commit(draft)

    tail.commit = noted  # type: ignore[method-assign]
    return groups
