"""VerifySubject on templates of three modalities, with an audit log against without one; CPU time; p99 at half load."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.keyed_hashes import add_key
from audit.signing import make
from benchmarks.harness import Row, compare, median_ms
from benchmarks.peers.callers import Channels, arriving, channels, waiting
from benchmarks.peers.processes import Started, all_in_one
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import enrolment, verification
from biometrics.template import Modality

EVERY = tuple(Modality)
PEOPLE = 50
CALLS = 400
CALLERS = 64


def measure() -> Row:
    """64 callers; both servers are processes of their own, each with a store of its own."""
    with TemporaryDirectory() as name, asyncio.Runner() as runner:
        folder = Path(name)
        make(folder / "key.pem")
        add_key(folder / "hash.keys")
        with (
            all_in_one(
                f"sqlite:///{folder / 'audited.db'}",
                AUDIT_FOLDER=str(folder / "log"),
                AUDIT_INSTANCE="one",
                AUDIT_KEY_FILE=str(folder / "hash.keys"),
                AUDIT_SIGNING_KEY_FILE=str(folder / "key.pem"),
            ) as ours,
            all_in_one(f"sqlite:///{folder / 'plain.db'}") as reference,
            channels(runner, ours.address, reference.address) as both,
        ):
            return _compared(runner, both, (ours, reference))


def _compared(runner: asyncio.Runner, both: Channels, servers: tuple[Started, Started]) -> Row:
    audited, plain = map(AwaitedStubs, both)
    asked = [verification(n % PEOPLE, EVERY) for n in range(CALLS)]
    for stub in (audited, plain):
        runner.run(waiting(stub.subjects.EnrollSubject, [enrolment(n, EVERY) for n in range(PEOPLE)], CALLERS))

    spent = {server: [0.0, 0] for server in servers}

    def run(place: int) -> None:
        stub, server = (audited, plain)[place], servers[place]
        begin = server.cpu_s
        runner.run(waiting(stub.decisions.VerifySubject, asked, CALLERS))
        spent[server][0] += server.cpu_s - begin
        spent[server][1] += CALLS

    row = compare(
        f"{CALLS} VerifySubject, three modalities, {CALLERS} callers, all in one, with an audit log",
        lambda: run(0),
        "without",
        lambda: run(1),
        (median_ms(lambda: run(1)), "without"),
    )
    cpu_ms = [1000 * seconds / calls for seconds, calls in spent.values()]
    print(f"CPU of the server a call: {cpu_ms[0]:.2f} ms with, {cpu_ms[1]:.2f} ms without")
    per_s = 1000 * CALLS / row.reference_ms / 2
    for name, stub in (("with", audited), ("without", plain)) * 3:
        load = runner.run(arriving(stub.decisions.VerifySubject, asked, per_s))
        shares = f"p50 {load.share_ms(0.5):.1f}, p99 {load.share_ms(0.99):.1f} ms"
        print(f"{name} audit log, {per_s:.0f} calls a second: {shares}")
    return row
