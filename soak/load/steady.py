"""Extractions at 70 % of what the service can do, for half an hour: memory and descriptors must stay as they are.

Settings: `SOAK_STEADY_MIN`, minutes (30), of which the first fifth is to warm up; `SOAK_STEADY_SHARE` (0.7).
"""

from __future__ import annotations

import os
import time

import numpy as np
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from infra.models.model_cache import asset
from soak.figures import Figure
from soak.processes.callers import Callers, failed, p99_ms, rest_for
from soak.processes.face_service import face_service
from soak.processes.usage import descriptors, memory_mib

MINUTES = float(os.environ.get("SOAK_STEADY_MIN", "30"))
SHARE = float(os.environ.get("SOAK_STEADY_SHARE", "0.7"))
WARM = 0.2
CALLERS = 2
LOOK_S = 5.0


def campaign() -> list[Figure]:
    """Load the service, and look at it every five seconds."""
    request = matching_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=asset("portrait-hopper")))
    rows: list[tuple[float, float, int]] = []
    with face_service() as service:

        def call() -> object:
            return service.stub.ExtractTemplate(request, timeout=60)

        callers = Callers(call, CALLERS, rest_for(call, CALLERS, SHARE))
        begin = time.monotonic()
        while (at := time.monotonic() - begin) < 60 * MINUTES:
            rows.append((at, memory_mib(service.pid), descriptors(service.pid)))
            time.sleep(LOOK_S)
        callers.stop()
    warm = [row for row in rows if row[0] >= 60 * MINUTES * WARM]
    at_s, mib, open_ = (np.array(each) for each in zip(*warm, strict=True))
    slope = 3600 * float(np.polyfit(at_s, mib, 1)[0]) / float(mib.mean())
    what = f"{MINUTES:g} min of extractions at {SHARE:.0%}: memory after the first {WARM:.0%}"
    found = f"{slope:+.1%} an hour of {mib.mean():.0f} MiB ({mib.min():.0f} to {mib.max():.0f})"
    lost = failed(callers.ended)
    return [
        Figure(what, "≤ 1 % an hour", found, slope <= 0.01),
        Figure("… open descriptors", "flat", f"{open_[0]} at first, {open_[-1]} at last", open_[-1] <= open_[0] + 2),
        Figure("… failed calls", "0", f"{lost} of {len(callers.ended)}, p99 {p99_ms(callers.ended):.0f} ms", not lost),
    ]
