"""`biofusion mosip-abis` killed again and again while it inserts and identifies, and what was left of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from uuid import UUID

from cli.stubs import FusionStubs
from tests.support.adapters.left import Left, is_there_once
from tests.support.adapters.process import AdapterProcess
from tests.support.mosip_abis.adapter import wait_until_ready
from tests.support.mosip_abis.partner import Message, Partner, insertion, request, search, untimed
from tests.support.mosip_abis.people import person
from tests.support.mosip_abis.share import Share

INSERT = "mosip.abis.insert"
AT_ONCE = 2
"""Insertions, and searches, that are sent before each kill."""
FIRST = 50_000
"""The first of the identities, which no other test uses."""


@dataclass
class AbisKilling:
    """The work and its answers.

    Args:
        process: not started yet; of an adapter with a gallery of its own.
        partner: who sends.
        shared: what people are fetched from.
        stubs: of fusion, asked for people at the end.
        rng: of the points in time.
    """

    process: AdapterProcess
    partner: Partner
    shared: Share
    stubs: FusionStubs
    rng: random.Random
    left: Left = field(default_factory=Left)

    def __post_init__(self) -> None:
        self._sent: dict[str, Message] = {}
        self._answers: dict[str, Message] = {}
        self._pairs: list[tuple[str, str]] = []
        self._next = FIRST

    def run(self, kills: int) -> Left:
        """Kill so often; then let the process answer everything, and look."""
        self.process.start()
        wait_until_ready(self.process.address)
        self._pairs = [self._pair() for _ in range(AT_ONCE)]
        batch, begin = self._batch(), monotonic()
        self._until_answered(self._send(batch))
        span_s = monotonic() - begin
        for _ in range(kills):
            self._send(self._batch())
            Event().wait(self.rng.uniform(0, span_s))
            self.process.kill()
            self.left.kills += 1
            self._hear()
            self.left.amid += len(self._answers) < len(self._sent)
            self.process.start()
            wait_until_ready(self.process.address)
        with suppress(TimeoutError):  # what was lost is told
            self._until_answered(list(self._sent))
        self.left.counted = int(self._asked(request("referenceCount"))["count"])
        self.process.end()
        self._hear()
        self._look()
        return self.left

    def _pair(self) -> tuple[str, str]:
        """Two captures of somebody, inserted."""
        names = []
        for capture in (0, 1):
            names += self._send([self._insertion(self._next, capture)])
            self._until_answered(names)
        self._next += 1
        first, second = (self._sent[name]["referenceId"] for name in names)
        return first, second

    def _batch(self) -> list[Message]:
        """Insertions and searches, in turn."""
        found = []
        for number in range(AT_ONCE):
            found += [self._insertion(self._next, 0), search(self._pairs[number][1])]
            self._next += 1
            self.left.searches += 1
        return found

    def _insertion(self, identity: int, capture: int) -> Message:
        self.left.insertions += 1
        return insertion(self._new_id(), self.shared.put(person(identity, capture)))

    def _new_id(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def _send(self, messages: Sequence[Message]) -> list[str]:
        """Send requests; their ids."""
        names = [self.partner.send(each) for each in messages]
        self._sent |= dict(zip(names, messages, strict=True))
        return names

    def _asked(self, message: Message) -> Message:
        name = self.partner.send(message)
        while (answer := self.partner.receive())["requestId"] != name:
            self._keep(answer)
        return answer

    def _until_answered(self, names: Sequence[str]) -> None:
        while not set(names) <= set(self._answers):
            self._keep(self.partner.receive())

    def _hear(self) -> None:
        """Take all answers that the broker has: they come before a message that is sent now."""
        mark = self.partner.mark()
        while (answer := self.partner.receive())["requestId"] != mark:
            self._keep(answer)

    def _keep(self, answer: Message) -> None:
        self.left.keep(self._answers, answer["requestId"], answer, untimed)

    def _look(self) -> None:
        left, twins = self.left, {second: first for first, second in self._pairs}
        left.lost = [name for name in self._sent if name not in self._answers]
        left.wrong = [name for name in self._answers if not _is_right(self._sent[name], self._answers[name], twins)]
        for asked in self._sent.values():
            if asked["id"] == INSERT and not is_there_once(self.stubs, asked["referenceId"]):
                left.not_once.append(asked["requestId"])


def _is_right(asked: Message, answer: Message, twins: Mapping[str, str]) -> bool:
    if answer["returnValue"] != "1":
        return False
    if asked["id"] == INSERT:
        return True
    return [twins[asked["referenceId"]]] == [each["referenceId"] for each in answer["candidateList"]["candidates"]]
