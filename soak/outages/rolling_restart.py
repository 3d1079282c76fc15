"""Every process of a deployment is restarted in turn under load, and no call may fail.

Two processes of fusion and two of the face service, on one store; callers balance over both processes of fusion and
retry as the published service config says. A process is restarted when the one before it serves again.

Settings: `SOAK_RESTARTS`, rounds in which each process is restarted once (50), `SOAK_SHARE` of the load that the
callers can make (0.6).
"""

from __future__ import annotations

import os
import time
from collections import Counter

from biometrics.template import Modality
from soak.figures import Figure
from soak.processes.callers import Callers, failed, p99_ms, rest_for
from soak.processes.deployment import deployment

ROUNDS = int(os.environ.get("SOAK_RESTARTS", "50"))
SHARE = float(os.environ.get("SOAK_SHARE", "0.6"))
CALLERS = 4
DEADLINE_S = 10.0
SETTLE_S = 1.0
"""Time between a process that serves again and the next restart: an orchestrator looks once a second."""

FACE = "biofusion.face.v1.FaceService"


def campaign() -> list[Figure]:
    """Restart every process ROUNDS times."""
    with deployment() as services:
        faces = [services.start(Modality.FACE) for _ in range(2)]
        target = "ipv4:" + ",".join(each.address for each in faces)
        fusions = services.fuse(2, FACE=target)
        call = services.verification(DEADLINE_S, Modality.FACE)
        callers = Callers(call, CALLERS, rest_for(call, CALLERS, SHARE))
        for _ in range(ROUNDS):
            for process in (*faces, *fusions):
                process.restart()
                process.wait(FACE if process in faces else "")
                time.sleep(SETTLE_S)
        callers.stop()
    calls = callers.ended
    codes = Counter(each.code.name for each in calls)
    what = f"{ROUNDS} restarts of each of 2 processes of fusion and 2 of faces, at {SHARE:.0%} of the load"
    return [
        Figure(f"{what}: failed calls", "0", f"{failed(calls)} of {len(calls)}: {dict(codes)}", not failed(calls)),
        Figure("… p99, ms", "stated", f"{p99_ms(calls):.0f}", is_reached=True),
    ]
