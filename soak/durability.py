"""Durability: stores killed amid 64 concurrent enrolments, again and again, each time with a power cut.

A power cut leaves only what was synced (tests/support/stores/power_cut.c; without a C compiler the processes are only
killed). Requests that were not acknowledged are sent again with the same request id. At the end every acknowledged
enrolment must be there, complete and once. The same is done with a Redis that syncs once a second, which must show
losses: so it is shown that they would be seen.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from biometrics.errors import StoreUnavailable
from gallery.operations.verify import verify
from gallery.sealing.key_file import make
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.values import START, ChangeKind
from soak.figures import Figure
from soak.processes.enrolling import CANARY, wanted
from tests.support.redis_process import DURABLE, RedisProcess
from tests.support.stores.power_cut import PowerCut, has_compiler

ENROLMENTS, KILLS = 10_000, 100
EVERY_SECOND = ("--appendonly", "yes", "--appendfsync", "everysec")
GUARD_S = 120.0


@dataclass(slots=True)
class Found:
    """What was found at the end.

    Args:
        acknowledged: enrolments that were acknowledged.
        kills: how often the store was killed.
        lost: acknowledged enrolments that are not there.
        doubled: subjects that were enrolled more than once.
        findings: what `biofusion gallery verify` found.
        in_clear: files that have a template in clear.
    """

    acknowledged: int = 0
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    findings: list[tuple[str, str]] = field(default_factory=list)
    in_clear: list[str] = field(default_factory=list)


class SqliteVictim:
    """A SQLite file; the process that writes it is killed."""

    def __init__(self, cut: PowerCut) -> None:
        self._cut = cut
        self.url = f"sqlite:///{cut.files / 'store.db'}"
        self.environment = cut.environment if has_compiler() else None

    def start(self) -> None:
        """Nothing to start."""

    def kill(self, writing: subprocess.Popen[str]) -> None:
        """Kill the writer, and cut the power."""
        writing.kill()
        writing.wait()
        if self.environment:
            self._cut.cut()

    def stop(self) -> None:
        """Nothing to stop."""


class RedisVictim:
    """A Redis server, which is killed with the process that writes to it; its key table is in it too."""

    def __init__(self, cut: PowerCut, sync: tuple[str, ...] = DURABLE) -> None:
        self._cut, self._sync = cut, sync
        self._server = RedisProcess(cut.files)
        self.url = self._server.url
        self.environment: dict[str, str] | None = None

    def start(self) -> None:
        """Start the server."""
        self._server.environment = self._cut.environment if has_compiler() else None
        self._server.start(*self._sync)

    def kill(self, writing: subprocess.Popen[str]) -> None:
        """Kill server and writer, and cut the power."""
        self._server.stop()
        writing.kill()
        writing.wait()
        if has_compiler():
            self._cut.cut()

    def stop(self) -> None:
        """Kill the server."""
        self._server.stop()


Victim = SqliteVictim | RedisVictim


def campaign() -> list[Figure]:
    """10,000 enrolments and 100 kills each on SQLite and Redis, and on a Redis that may lose writes."""
    figures = []
    for name, victim in (("SQLite", SqliteVictim), ("Redis", RedisVictim)):
        found = killed(victim, ENROLMENTS, KILLS)
        what = f"{name}: {found.acknowledged} enrolments, {found.kills} kills"
        what += " with power cuts" if has_compiler() else ""
        wrong = found.lost + found.doubled + len(found.findings)
        told = f"{found.lost} lost, {found.doubled} doubled, {len(found.findings)} findings"
        figures.append(Figure(f"{what}; lost, doubled or half", "0", told, wrong == 0))
        figures.append(Figure(f"{what}; files with a template in clear", "0", str(found.in_clear), not found.in_clear))
    if has_compiler():
        found = killed(lambda cut: RedisVictim(cut, EVERY_SECOND), ENROLMENTS // 10, KILLS // 10, unsafe=True)
        what = f"Redis that syncs once a second: {found.acknowledged} enrolments, {found.kills} kills; lost"
        figures.append(Figure(what, "> 0", str(found.lost), found.lost > 0))
    return figures


def killed(make_victim: Callable[[PowerCut], Victim], enrolments: int, kills: int, *, unsafe: bool = False) -> Found:
    """Kill a store `kills` times while so many people are enrolled, and look at what is left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        make(folder / "kek")
        victim = make_victim(PowerCut(folder / "power"))
        found, rng = Found(), random.Random(1)
        acknowledged: Counter[int] = Counter()
        try:
            for kill in range(1, kills + 1):
                goal = enrolments * kill // kills
                victim.start()
                _enrol(victim, folder / "kek", acknowledged, goal + rng.randrange(1, 64), unsafe=unsafe)
                found.kills += 1
            victim.start()
            asyncio.run(_look(victim.url, folder / "kek", set(acknowledged), found, unsafe=unsafe))
        except RuntimeError:  # the server does not start from files of which a part was not synced
            if not unsafe:
                raise
            found.acknowledged = found.lost = len(acknowledged)
        finally:
            victim.stop()
        files = [each for each in folder.rglob("*") if each.is_file()]
        found.in_clear = [each.name for each in files if CANARY in each.read_bytes()]
        return found


def _enrol(victim: Victim, key: Path, acknowledged: Counter[int], goal: int, *, unsafe: bool) -> None:
    """Enrol numbers that are not acknowledged, until so many are in all; then kill."""
    command = [sys.executable, "-m", "soak.processes.enrolling", victim.url, str(key), *(["unsafe"] if unsafe else [])]
    left = [number for number in range(goal + 500) if number not in acknowledged]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=victim.environment
    ) as writing:
        assert writing.stdin is not None
        assert writing.stdout is not None
        writing.stdin.write("\n".join(map(str, left)))
        writing.stdin.close()
        while len(acknowledged) < goal:
            line = writing.stdout.readline()
            if not line:
                raise RuntimeError("The enrolling process has ended.")
            acknowledged[int(line)] += 1
        victim.kill(writing)
        acknowledged.update(int(line) for line in writing.stdout.read().split("\n")[:-1])


async def _look(url: str, key: Path, acknowledged: set[int], found: Found, *, unsafe: bool) -> None:
    store = open_store(url, StoreOptions(key_file=str(key), allow_unsafe_store=unsafe))
    async with asyncio.timeout(GUARD_S):
        while True:
            with suppress(StoreUnavailable):
                await store.ping()
                break
            await asyncio.sleep(0.05)
    ids = [wanted(number).subject_id for number in sorted(acknowledged)]
    there = await store.get_many(ids)
    half = [each for each in there.values() if each.encounters != (wanted(_number(each.subject_id)).encounter,)]
    found.acknowledged, found.lost = len(ids), len(ids) - len(there)
    found.findings = (await verify(store)).findings + [(each.subject_id, "half enrolled") for each in half]
    puts: Counter[bytes] = Counter()
    changes = await store.changes(START, 10**9, 0)
    puts.update(each.name for each in changes if each.kind is ChangeKind.PUT)
    found.doubled = sum(1 for count in puts.values() if count > 1)
    await store.close()


def _number(subject_id: str) -> int:
    return int(subject_id.rpartition("-")[2])
