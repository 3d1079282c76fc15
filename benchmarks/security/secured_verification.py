"""VerifySubject on stored templates with certificates between all parts, against the same in plain text.

With `BIOFUSION_POLICY_FILE`, `BIOFUSION_AUDIT_FOLDER` and the log's two key files in the environment, the secured
fusion also has that policy and keeps that audit log, and the callers state the purpose of `BIOFUSION_CLIENT_PURPOSE`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import grpc

from benchmarks.harness import Row, compare, median_ms
from benchmarks.peers.callers import arriving, waiting
from benchmarks.peers.processes import MODALITIES, PLAIN, Protection, Started, all_in_one, apart
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import enrolment, verification
from biometrics.template import Modality
from infra.identity.intent import Intent
from infra.setting_fields import PREFIX
from tests.support.tls import Authority

EVERY = tuple(Modality)
PEOPLE = 50
CALLS = 200
CALLERS = 8
ROUNDS_AT_HALF = 5
CALLS_AT_HALF = 400

DOMAIN = "spiffe://example.org/"
MORE = ("POLICY_FILE", "AUDIT_FOLDER", "AUDIT_KEY_FILE", "AUDIT_SIGNING_KEY_FILE")
"""Settings of the secured fusion that are taken from the environment."""


@dataclass
class Side:
    """One of the two deployments.

    Args:
        stub: of its fusion.
        metadata: of every call.
        processes: of the deployment.
        calls: how many verifications it has answered.
    """

    stub: AwaitedStubs
    metadata: tuple[tuple[str, str], ...]
    processes: Started
    calls: int = 0

    async def verify(self, request: object) -> object:
        """One verification."""
        self.calls += 1
        method: Any = self.stub.decisions.VerifySubject
        return await method(request, metadata=self.metadata)


class Certificates(Protection):
    """Certificates of one authority for all processes and a caller.

    Args:
        folder: where they are made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        authority = Authority.make(folder, "authority")
        for name in ("fusion", "caller", *MODALITIES):
            authority.sign(name, f"URI:{DOMAIN}{name},DNS:localhost,IP:127.0.0.1")

    def settings(self, name: str) -> dict[str, str]:
        """See Protection."""
        authority = str(self._folder / "authority.pem")
        more = {key: os.environ[PREFIX + key] for key in MORE if PREFIX + key in os.environ}
        return {
            "TLS_CERTIFICATE": str(self._folder / f"{name}.pem"),
            "TLS_KEY": str(self._folder / f"{name}.key"),
            "TLS_AUTHORITY": authority,
            "TLS_CLIENT_AUTHORITY": authority,
            "ALLOWED_CALLERS": DOMAIN + ("caller" if name == "fusion" else "fusion"),
        } | (more if name == "fusion" else {})

    def channel(self, address: str) -> grpc.Channel:
        """See Protection."""
        return grpc.secure_channel(address, self.credentials())

    def credentials(self) -> grpc.ChannelCredentials:
        """The caller's."""
        files = ("authority.pem", "caller.key", "caller.pem")
        return grpc.ssl_channel_credentials(*((self._folder / name).read_bytes() for name in files))


def measure() -> Row:
    """Four processes each, and before that one process each, printed; all callers in this process."""
    print(_line(_measured("all in one", all_in_one)))
    return _measured("four processes", apart)


def _measured(how: str, start: Callable[[str, Protection], Any]) -> Row:
    asked = [verification(n % PEOPLE, EVERY) for n in range(CALLS)]
    with asyncio.Runner() as runner, _both(runner, start) as (secured, plain):
        for side in (secured, plain):
            enrol = partial(side.stub.subjects.EnrollSubject, metadata=side.metadata)
            runner.run(waiting(enrol, [enrolment(n, EVERY) for n in range(PEOPLE)], CALLERS))
        begun = [each.processes.cpu_s for each in (secured, plain)]

        def run(side: Side) -> None:
            runner.run(waiting(side.verify, asked, CALLERS))

        row = compare(
            f"{CALLS} VerifySubject, three modalities, {CALLERS} callers, {how}, mTLS",
            lambda: run(secured),
            "the same in plain text",
            lambda: run(plain),
            (median_ms(lambda: run(plain)), "that"),
        )
        used = [1000 * (x.processes.cpu_s - y) / x.calls for x, y in zip((secured, plain), begun, strict=True)]
        print(f"{how}, CPU of the servers a call: {used[0]:.2f} ms by mTLS, {used[1]:.2f} ms in plain text")
        _print_half_load(runner, how, secured, plain, 1000 * CALLS / row.reference_ms / 2)
    return row


def _print_half_load(runner: asyncio.Runner, how: str, secured: Side, plain: Side, per_s: float) -> None:
    """Print the p99 of both at half of the calls a second that plain text answers, interleaved."""
    asked = [verification(n % PEOPLE, EVERY) for n in range(CALLS_AT_HALF)]
    pairs = [
        [runner.run(arriving(side.verify, asked, per_s)).share_ms(0.99) for side in (secured, plain)]
        for _ in range(ROUNDS_AT_HALF)
    ]
    ours, other, ratio = (median(each) for each in zip(*((a, b, a / b) for a, b in pairs), strict=True))
    print(
        f"{how}, {per_s:.0f} calls/s arriving at random: p99 {ours:.1f} ms by mTLS, {other:.1f} ms in plain text; "
        f"median ratio of {ROUNDS_AT_HALF} rounds of {CALLS_AT_HALF} calls {ratio:.2f}"
    )


@contextmanager
def _both(runner: asyncio.Runner, start: Callable[[str, Protection], Any]) -> Iterator[tuple[Side, Side]]:
    """Stubs of the secured and of the plain services, each with a store of its own."""
    purpose = Intent(os.environ.get(f"{PREFIX}CLIENT_PURPOSE", "")).metadata
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(TemporaryDirectory())) for _ in range(2)]
        certificates = Certificates(folders[0])
        secured, plain = (
            stack.enter_context(start(f"sqlite:///{folder / 'store.db'}", protection))
            for folder, protection in zip(folders, (certificates, PLAIN), strict=True)
        )
        channels = runner.run(_opened(secured, plain, certificates.credentials()))
        for each in channels:
            stack.callback(runner.run, each.close())
        yield Side(AwaitedStubs(channels[0]), purpose, secured), Side(AwaitedStubs(channels[1]), (), plain)


async def _opened(secured: Started, plain: Started, shown: grpc.ChannelCredentials) -> list[Any]:
    return [grpc.aio.secure_channel(secured.address, shown), grpc.aio.insecure_channel(plain.address)]


def _line(row: Row) -> str:
    low, high = row.spread
    ours, other = (1000 * CALLS / took_ms for took_ms in (row.ours_ms, row.reference_ms))
    return (
        f"{row.what}: {ours:.0f} calls/s; {row.reference}: {other:.0f} calls/s; ratio "
        f"{row.ratio:.2f} ({low:.2f}–{high:.2f}), {row.rounds} rounds"
    )
