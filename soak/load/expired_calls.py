"""1,000 calls with a deadline of 50 ms on work of 500 ms: the CPU that is still used for them afterwards.

Settings: `SOAK_EXPIRED_CALLS` (1000).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import grpc
from biofusion.matching.v1 import matching_pb2

from soak.figures import Figure
from soak.processes.prints import costly_print
from soak.processes.process import Process
from soak.processes.usage import cpu_s

CALLS = int(os.environ.get("SOAK_EXPIRED_CALLS", "1000"))
DEADLINE_S, WORK_S, AFTER_S = 0.05, 0.5, 5.0
COMPARE = "/biofusion.fingerprint.v1.FingerprintService/CompareTemplates"


def campaign() -> list[Figure]:
    """Find a comparison that takes half a second, send it, and look at the CPU."""
    with tempfile.TemporaryDirectory(prefix="biofusion-soak-") as folder:
        settings = {"BIOFUSION_STORE_URL": f"sqlite:///{folder}/store.db"}
        process = Process("services.fingerprint", settings, Path(folder) / "log")
        try:
            process.wait("biofusion.fingerprint.v1.FingerprintService")
            with grpc.insecure_channel(process.address) as channel:
                return _expired(process, channel.unary_unary(COMPARE))
        finally:
            process.kill()


def _expired(process: Process, call: grpc.UnaryUnaryMultiCallable[bytes, bytes]) -> list[Figure]:
    call(_request(100), timeout=60)
    begin = time.perf_counter()
    call(_request(100), timeout=60)
    count = round(100 * WORK_S / (time.perf_counter() - begin))
    request = _request(count)
    idle = _share(process)
    sent = [call.future(request, timeout=DEADLINE_S) for _ in range(CALLS)]
    codes = Counter(each.code().name for each in sent)
    time.sleep(DEADLINE_S)
    share = _share(process)
    what = f"CPU in the {AFTER_S:.0f} s after {CALLS} calls with 50 ms on work of 500 ms ({count} fingerprints)"
    return [Figure(what, "≤ 5 % of a core", f"{share:.1%}, {idle:.1%} before them; {dict(codes)}", share <= 0.05)]


def _share(process: Process) -> float:
    """The part of a core that the process uses."""
    before = cpu_s(process.pid)
    time.sleep(AFTER_S)
    return (cpu_s(process.pid) - before) / AFTER_S


def _request(count: int) -> bytes:
    print_ = costly_print()
    return matching_pb2.CompareTemplatesRequest(probe=print_, references=[print_] * count).SerializeToString()
