"""Two face services behind one name: one is killed, both are lost and come back, one is added.

Settings: `SOAK_OUTAGE_S`, seconds of each phase (60).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from biometrics.template import Modality
from soak.figures import Figure
from soak.outages.frozen import CALLERS, COMPARE, DEADLINE_S, names
from soak.processes.callers import Callers, failed
from soak.processes.deployment import deployment

SECONDS = float(os.environ.get("SOAK_OUTAGE_S", "60"))
BACK_S = 10.0
"""Time that callers have to succeed again after a service is back."""


def campaign() -> list[Figure]:
    """Run all cases."""
    return [*_one_killed(), *_all_lost(), *_added()]


def _one_killed() -> Iterator[Figure]:
    with deployment() as services:
        kept, killed = services.start(Modality.FACE), services.start(Modality.FACE)
        services.fuse(FACE=f"ipv4:{kept.address},{killed.address}")
        callers = Callers(services.verification(DEADLINE_S, Modality.FACE), CALLERS)
        time.sleep(SECONDS / 4)
        killed.kill()
        time.sleep(SECONDS)
        callers.stop()
    count = failed(callers.ended)
    yield Figure(
        "one of two face processes killed: failed calls", "≤ 2", f"{count} of {len(callers.ended)}", count <= 2
    )


def _all_lost() -> Iterator[Figure]:
    with deployment() as services:
        faces = [services.start(Modality.FACE) for _ in range(2)]
        services.fuse(FACE="ipv4:" + ",".join(each.address for each in faces))
        callers = Callers(services.verification(DEADLINE_S, Modality.FACE), CALLERS)
        time.sleep(SECONDS / 4)
        for each in faces:
            each.kill()
        lost = time.monotonic()
        time.sleep(SECONDS / 4)
        for each in faces:
            each.start()
            each.wait("biofusion.face.v1.FaceService")
        back = time.monotonic()
        time.sleep(BACK_S + 5.0)
        callers.stop()
    slow = sum(each.took_s > 1.0 for each in callers.between(lost, back))
    yield Figure("both lost: calls that wait over 1 s", f"≤ {CALLERS}", str(slow), slow <= CALLERS)
    count = failed(callers.between(back + 1.0, back + BACK_S + 5.0))
    yield Figure("… failed calls from 1 s after they are back", "≤ 2", str(count), count <= 2)


def _added() -> Iterator[Figure]:
    with deployment() as services, names() as server:
        one = services.start(Modality.FACE)
        server.addresses = ["127.0.0.1"]
        services.fuse(FACE=f"dns://127.0.0.1:{server.port}/face.test:{one.port}")
        callers = Callers(services.verification(DEADLINE_S, Modality.FACE), CALLERS)
        added = services.start(Modality.FACE, "127.0.0.2", one.port)
        server.addresses = ["127.0.0.1", "127.0.0.2"]
        time.sleep(SECONDS)
        before = (one.answered(COMPARE), added.answered(COMPARE))
        time.sleep(SECONDS / 4)
        callers.stop()
        by_one, by_added = one.answered(COMPARE) - before[0], added.answered(COMPARE) - before[1]
    yield Figure("a face process added: failed calls", "≤ 2", str(failed(callers.ended)), failed(callers.ended) <= 2)
    share = by_added / max(1, by_one + by_added)
    yield Figure(f"… its share of the calls from {SECONDS:.0f} s on", "≥ 30 %", f"{share:.0%}", share >= 0.3)
