"""VerifySubject on templates of three modalities, all in one, with a policy against without one.

The rule is about one gallery, so that the store is asked which galleries each subject is in; and it has the quotas and
the coarse answers of a careful policy.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import ROUNDS, Row, compare
from benchmarks.peers.callers import channels, waiting
from benchmarks.peers.processes import all_in_one
from benchmarks.peers.stubs import AwaitedStubs
from benchmarks.services.synthetic_people import enrolment, verification
from biometrics.template import Modality
from fusion.access.judging import Judge
from fusion.access.operations import Operation
from fusion.access.quotas import Quotas
from fusion.access.reading import policy_of
from infra.identity.intent import Intent
from infra.identity.visit import Visit

PEOPLE, CALLS, CALLERS = 50, 200, 8

INTENT = Intent("border", "case-1", "officer-1")

POLICY = """
format = 1
version = "1"
purposes = ["border"]
[callers]
own = ["local"]
[[rules]]
name = "own"
callers = ["own"]
operations = ["enrol", "verify"]
galleries = ["default"]
purposes = ["border"]
require_case = true
detail = "coarse"
quotas = [{ count = 1000000, window = "1h" }, { count = 1000000, window = "1h", per = "subject" }]
"""


def measure() -> Row:
    """Eight callers; two servers in processes of their own, all callers in this one."""
    with TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store, file = f"sqlite:///{Path(folder)}/{{}}.db", Path(folder) / "policy.toml"
        file.write_text(POLICY, encoding="utf-8")
        with (
            all_in_one(store.format("bound"), POLICY_FILE=str(file)) as bound,
            all_in_one(store.format("open")) as opened,
            channels(runner, bound.address, opened.address) as both,
        ):
            every = tuple(Modality)
            asked = [verification(n % PEOPLE, every) for n in range(CALLS)]
            people = [enrolment(n, every) for n in range(PEOPLE)]

            def calls(stub: AwaitedStubs) -> Callable[[], object]:
                enrol = partial(stub.subjects.EnrollSubject, metadata=INTENT.metadata)
                runner.run(waiting(enrol, people, CALLERS))
                verify = partial(stub.decisions.VerifySubject, metadata=INTENT.metadata)
                return lambda: runner.run(waiting(verify, asked, CALLERS))

            own, other = (calls(AwaitedStubs(each)) for each in both)
            what = f"{CALLS} VerifySubject of three modalities, {CALLERS} callers, with a policy of one gallery"
            own(), other()
            before, rounds = (bound.cpu_s, opened.cpu_s), ROUNDS + 1
            row = compare(what, own, "without a policy", other, (0.0, ""))
            used = [1000 * (each.cpu_s - b) / (rounds * CALLS) for each, b in zip((bound, opened), before, strict=True)]
    print(
        f"CPU of the server a call: {used[0]:.2f} ms, without a policy {used[1]:.2f} ms; ratio {used[1] / used[0]:.2f}"
    )
    return replace(row, limit_ms=_judging_ms(), limit="judging and counting them")


def _judging_ms() -> float:
    """Milliseconds to find the rule of as many calls, and to count them, without any network or store."""
    judge, quotas, visit = Judge(policy_of(POLICY.encode())), Quotas(), Visit(intent=INTENT)
    begin = time.perf_counter()
    for n in range(CALLS):
        judge.allowing(visit, Operation.VERIFY)
        quotas.charge(judge.allowing(visit, Operation.VERIFY, "default")[:1], visit, [f"person-{n % PEOPLE}"])
    return 1000 * (time.perf_counter() - begin)
