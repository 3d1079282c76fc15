"""Effect on callers under load when a process freezes, or Redis does: failed calls, latencies, and for how long.

Setting: `SOAK_FROZEN_S`, seconds for which it is frozen (60).
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import grpc

from biometrics.template import Modality
from gallery.sealing.key_file import make
from infra.wire.connections import matcher_options
from infra.wire.service_config import service_config
from soak.figures import Figure
from soak.processes.callers import Callers, Ended, failed, p99_ms
from soak.processes.deployment import deployment
from soak.processes.process import Process
from tests.support.name_server import NameServer
from tests.support.redis_process import RedisProcess

BEFORE_S, FROZEN_S, AFTER_S = 15.0, float(os.environ.get("SOAK_FROZEN_S", "60")), 15.0
DEADLINE_S = 10.0
IDLE_S = 20.0
"""Idle time of a channel, seconds; less than the maximum age of a connection."""

CALLERS = 4
COMPARE = "biofusion.face.v1.FaceService/CompareTemplates"


def campaign() -> list[Figure]:
    """Run all cases; takes about five minutes."""
    return [*_one_of_two_frozen(), *_only_one_frozen(), *_store_frozen(), *_idle()]


def _one_of_two_frozen() -> Iterator[Figure]:
    with deployment() as services:
        other, frozen = services.start(Modality.FACE), services.start(Modality.FACE)
        services.fuse(FACE=f"ipv4:{other.address},{frozen.address}")
        callers = Callers(services.verification(DEADLINE_S, Modality.FACE), CALLERS)
        begin, end = _freeze(frozen, callers)
        calls = callers.between(begin, end)
        yield _failures("one of two face processes frozen", calls)
        yield _told("… p99 of its callers, ms", f"{p99_ms(calls):.0f} ({p99_ms(callers.between(0, begin)):.0f} before)")
        yield _told("… comparisons by the frozen one, after all", f"{frozen.answered(COMPARE)}")


def _only_one_frozen() -> Iterator[Figure]:
    with deployment() as services:
        services.start(Modality.FACE)
        iris = services.start(Modality.IRIS)
        services.fuse()
        groups = {
            "faces": Callers(services.verification(DEADLINE_S, Modality.FACE), CALLERS),
            "faces and eyes": Callers(services.verification(DEADLINE_S, Modality.FACE, Modality.IRIS), CALLERS),
            "eyes": Callers(services.verification(DEADLINE_S, Modality.IRIS), CALLERS),
        }
        begin, end = _freeze(iris, *groups.values())
    for who in ("faces", "faces and eyes"):
        calls = groups[who].between(begin, end)
        during, before = p99_ms(calls), p99_ms(groups[who].between(0, begin))
        found = f"{during:.0f} ({before:.0f} before), {failed(calls)} of {len(calls)} failed"
        what = f"the only iris process frozen {FROZEN_S:.0f} s: p99 of callers with {who}, ms"
        yield Figure(what, "≤ 2 × before, none failed", found, during <= 2 * before and not failed(calls))
    eyes = groups["eyes"].between(begin, end)
    slow = sum(each.took_s > 1.0 for each in eyes)
    yield Figure(
        f"… calls with eyes only that wait over 1 s, of {len(eyes)}", "≤ 1 a caller", str(slow), slow <= CALLERS
    )
    late = failed(groups["eyes"].between(end + 5.0, end + AFTER_S))
    yield Figure("… of them refused later than 5 s after it goes on", "0", str(late), late == 0)


def _store_frozen() -> Iterator[Figure]:
    """All calls need the store, so they fail while Redis is frozen; but only the first ones may wait for it."""
    with tempfile.TemporaryDirectory(prefix="biofusion-soak-") as folder:
        redis = RedisProcess(Path(folder))
        redis.start()
        key = Path(folder) / "key"
        make(key)
        with deployment({"BIOFUSION_STORE_URL": redis.url, "BIOFUSION_KEY_FILE": str(key)}) as services:
            services.start(Modality.FACE)
            services.fuse()
            callers = Callers(services.verification(DEADLINE_S, Modality.FACE), CALLERS)
            time.sleep(BEFORE_S)
            begin = time.monotonic()
            os.kill(redis.pid, signal.SIGSTOP)
            time.sleep(FROZEN_S)
            os.kill(redis.pid, signal.SIGCONT)
            end = time.monotonic()
            time.sleep(AFTER_S)
            callers.stop()
        redis.stop()
    calls = callers.between(begin, end)
    slow, most = sum(each.took_s > 0.5 for each in calls), CALLERS * max(1, int(FROZEN_S / 5))
    longest = max((each.took_s for each in calls), default=0.0)
    found = f"{slow}, at most {longest:.1f} s"
    what = f"Redis frozen {FROZEN_S:.0f} s: of {len(calls)} calls those that wait over 0.5 s"
    yield Figure(what, f"≤ {most}: 1 a caller in 5 s", found, slow <= most)
    late = failed(callers.between(end + 5.0, end + AFTER_S))
    yield Figure("… failed later than 5 s after it goes on", "0", str(late), late == 0)


def _idle() -> Iterator[Figure]:
    """An idle channel must survive: if it pinged too often, the server would close it (too many pings)."""
    states: list[grpc.ChannelConnectivity] = []
    with deployment() as services:
        options = [*matcher_options(1 << 20), ("grpc.service_config", service_config())]
        with grpc.insecure_channel(services.start(Modality.FACE).address, options) as channel:
            channel.subscribe(states.append, try_to_connect=True)
            time.sleep(IDLE_S)
    lost = states.count(grpc.ChannelConnectivity.READY) - 1
    yield Figure(f"a channel idle for {IDLE_S:.0f} s: connections lost", "0", str(lost), lost == 0)


def _freeze(process: Process, *groups: Callers) -> tuple[float, float]:
    """Freeze a process for FROZEN_S seconds under load; returns when that began and ended (`time.monotonic`)."""
    time.sleep(BEFORE_S)
    begin = time.monotonic()
    process.freeze()
    time.sleep(FROZEN_S)
    process.thaw()
    end = time.monotonic()
    time.sleep(AFTER_S)
    for each in groups:
        each.stop()
    return begin, end


def _failures(what: str, calls: Sequence[Ended]) -> Figure:
    count = failed(calls)
    what = f"{what}, {FROZEN_S:.0f} s, {CALLERS} callers, deadlines of {DEADLINE_S:.0f} s: failed calls"
    return Figure(what, "≤ 2", f"{count} of {len(calls)}", count <= 2)


def _told(what: str, found: str) -> Figure:
    return Figure(what, "stated", found, is_reached=True)


@contextmanager
def names() -> Iterator[NameServer]:
    """Run a name server in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = NameServer()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(server.stop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
