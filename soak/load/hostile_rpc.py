"""Damaged messages and hostile HTTP/2 against `biofusion serve`, beside a caller of another machine who verifies.

Settings: `SOAK_MUTATIONS`, damaged messages (100,000), and `SOAK_HOSTILE_S`, seconds of each other attack (30).
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from socket import socket

import grpc
from biofusion.fusion.v1 import decisions_pb2

from soak.figures import Figure
from soak.load.costly_calls import EXTRACT, Served, served
from soak.processes.callers import Callers, Ended, failed, p99_ms
from soak.processes.frames import CANCEL, PING, RST_STREAM, connected, frame, headers, message, settings

MUTATIONS = int(os.environ.get("SOAK_MUTATIONS", "100000"))
SECONDS = float(os.environ.get("SOAK_HOSTILE_S", "30"))
CONNECTIONS = 1000
BURST = 200
"""Frames that are sent at once."""

INFO = "/biofusion.face.v1.FaceService/GetServiceInfo"
VERIFY = "/biofusion.fusion.v1.DecisionService/VerifySubject"
MARK = b"mark-of-a-message"
"""Is in every damaged message, and so must be in no log."""

Attack = Callable[[int, threading.Event], None]


def campaign() -> list[Figure]:
    """Run all attacks."""
    with served() as server:
        process = server.process
        figures = [_mutated(server)]
        for name, attack in ATTACKS.items():
            alone = p99_ms(_honest(server))
            figures.append(_beside(name, attack, server, alone))
        log = process.log.read_bytes()
        found = f"{log.count(b'Traceback')} tracebacks, {log.count(MARK)} messages"
        figures.append(
            Figure("in the log", "no traceback, no message", found, b"Traceback" not in log and MARK not in log)
        )
        figures.append(Figure("the server", "lives", "lives" if process.lives else "has ended", process.lives))
        return figures


def _mutated(server: Served) -> Figure:
    """Send damaged messages to two methods; no answer may be an error of ours."""
    codes: Counter[str] = Counter()
    request = decisions_pb2.VerifySubjectRequest(subject_id=MARK.decode(), samples=server.verification.samples)
    whole = ((VERIFY, request.SerializeToString()), (EXTRACT, server.extraction[:2000] + MARK))
    with grpc.insecure_channel(server.process.address) as channel:
        for number in range(MUTATIONS):
            method, sound = whole[number % 2]
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
            future = call.future(_damaged(sound, random.Random(number)), timeout=10)
            codes[future.code().name] += 1
    bad = {code for code in codes if code in ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED")}
    return Figure(f"{MUTATIONS} damaged messages: codes", "no error of the server", str(dict(codes)), not bad)


def _damaged(sound: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(sound)
    for _ in range(chance.randint(1, 8)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged[: chance.randint(1, len(damaged))] if chance.random() < 0.5 else damaged)


def _honest(server: Served) -> list[Ended]:
    callers = Callers(server.verify, 1)
    time.sleep(SECONDS)
    callers.stop()
    return callers.ended


def _beside(name: str, attack: Attack, server: Served, alone: float) -> Figure:
    over = threading.Event()
    thread = threading.Thread(target=attack, args=(server.process.port, over))
    thread.start()
    calls = _honest(server)
    over.set()
    thread.join()
    beside, bad = p99_ms(calls), failed(calls)
    found = f"{beside:.0f} ms, {alone:.0f} alone; {bad} of {len(calls)} failed"
    return Figure(f"p99 beside {name}, {SECONDS:.0f} s", "≤ 2×, none failed", found, beside <= 2 * alone and not bad)


def _rapid_reset(port: int, over: threading.Event) -> None:
    """Begin calls and end them at once (CVE-2023-44487)."""
    _repeated(port, over, lambda stream: headers(stream, INFO) + frame(RST_STREAM, 0, stream, CANCEL.to_bytes(4)))


def _pings(port: int, over: threading.Event) -> None:
    _repeated(port, over, lambda _stream: frame(PING, 0, 0, bytes(8)))


def _repeated(port: int, over: threading.Event, frames: Callable[[int], bytes]) -> None:
    """Send frames as fast as the server takes them, on a new connection whenever it ends the old one."""
    while not over.is_set():
        with suppress(OSError), connected(port) as connection:
            connection.settimeout(1.0)
            for stream in range(1, 2**20, 2 * BURST):
                if over.is_set():
                    break
                connection.sendall(b"".join(frames(stream + 2 * number) for number in range(BURST)))
                _read(connection)


def _read(connection: socket) -> None:
    connection.setblocking(False)
    with suppress(BlockingIOError):
        if not connection.recv(1 << 20):
            raise ConnectionError
    connection.settimeout(1.0)


def _many_connections(port: int, over: threading.Event) -> None:
    """Open connections and leave them idle."""
    _hold([connected(port) for _ in range(CONNECTIONS)], over)


def _slow_readers(port: int, over: threading.Event) -> None:
    """Ask for answers, of which not one byte is taken."""
    _hold([connected(port, settings(window=0), *_asked()) for _ in range(CONNECTIONS // 10)], over)


def _asked() -> Iterator[bytes]:
    for stream in range(1, 41, 2):
        yield headers(stream, INFO)
        yield message(stream, b"")


def _hold(connections: list[socket], over: threading.Event) -> None:
    over.wait()
    for each in connections:
        each.close()


ATTACKS: dict[str, Attack] = {
    "rapid resets": _rapid_reset,
    "a flood of pings": _pings,
    f"{CONNECTIONS} idle connections": _many_connections,
    f"{CONNECTIONS // 10} connections that read nothing": _slow_readers,
}
