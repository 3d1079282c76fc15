"""An adapter's process that is killed again and again while it inserts and identifies, and what was left of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from uuid import UUID

from biofusion.fusion.v1 import subjects_pb2

from cli.stubs import FusionStubs
from tests.support.mosip_abis.adapter import AbisProcess, wait_until_ready
from tests.support.mosip_abis.partner import Message, Partner, insertion, request, search, untimed
from tests.support.mosip_abis.people import person
from tests.support.mosip_abis.share import Share

AT_ONCE = 2
"""Insertions, and searches, that are sent before each kill."""
FIRST = 50_000
"""The first of the identities, which no other test uses."""


@dataclass
class Left:
    """What was found after the kills.

    Args:
        kills: how often the process was killed.
        amid: kills at which some request was not answered yet.
        sent: the requests by their ids.
        lost: requests without an answer.
        doubled: answers beyond the first of a request, all equal to it.
        unequal: requests with two different answers.
        wrong: answers that are not what was to be expected: an insertion succeeds, a search finds the one duplicate.
        not_once: people who are not there once, with one encounter.
        counted: people in the gallery, by the adapter.
    """

    kills: int = 0
    amid: int = 0
    sent: dict[str, Message] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: int = 0
    unequal: list[str] = field(default_factory=list)
    wrong: list[Message] = field(default_factory=list)
    not_once: list[str] = field(default_factory=list)
    counted: int = 0

    @property
    def inserted(self) -> list[str]:
        """Ids of the people for whom an insertion was sent."""
        return [each["referenceId"] for each in self.sent.values() if each["id"] == "mosip.abis.insert"]


@dataclass
class Killing:
    """The work and its answers.

    Args:
        process: not started yet; of an adapter with a gallery of its own.
        partner: who sends.
        shared: what people are fetched from.
        stubs: of fusion, asked for people at the end.
        rng: of the points in time.
    """

    process: AbisProcess
    partner: Partner
    shared: Share
    stubs: FusionStubs
    rng: random.Random

    def __post_init__(self) -> None:
        self.left = Left()
        self.answers: dict[str, Message] = {}
        self._pairs: list[tuple[str, str]] = []
        self._next = FIRST

    def run(self, kills: int) -> Left:
        """Kill so often; then let the process answer everything, and look."""
        self.process.start()
        wait_until_ready(self.process.address)
        self._pairs = [self._pair() for _ in range(AT_ONCE)]
        begin = monotonic()
        self._until_answered(self._batch())
        span_s = monotonic() - begin
        for _ in range(kills):
            self._batch()
            Event().wait(self.rng.uniform(0, span_s))
            self.process.kill()
            self.left.kills += 1
            self._hear()
            self.left.amid += len(self.answers) < len(self.left.sent)
            self.process.start()
            wait_until_ready(self.process.address)
        self._until_answered(list(self.left.sent))
        self.left.counted = int(self._asked(request("referenceCount"))["count"])
        self.process.end()
        self._hear()
        self._look()
        return self.left

    def _pair(self) -> tuple[str, str]:
        """Two captures of somebody, inserted."""
        names = []
        for capture in (0, 1):
            names.append(self._insertion(self._next, capture))
            self._until_answered([names[-1]])
        self._next += 1
        first, second = (self.left.sent[name]["referenceId"] for name in names)
        return first, second

    def _batch(self) -> list[str]:
        """Send insertions and searches, in turn; their request ids."""
        names = []
        for number in range(AT_ONCE):
            names.append(self._insertion(self._next, 0))
            self._next += 1
            names.append(self._send(search(self._pairs[number][1])))
        return names

    def _insertion(self, identity: int, capture: int) -> str:
        return self._send(insertion(self._new_id(), self.shared.put(person(identity, capture))))

    def _new_id(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def _send(self, message: Message) -> str:
        name = self.partner.send(message)
        self.left.sent[name] = message
        return name

    def _asked(self, message: Message) -> Message:
        name = self.partner.send(message)
        while (answer := self.partner.receive())["requestId"] != name:
            self._keep(answer)
        return answer

    def _until_answered(self, names: Sequence[str]) -> None:
        while not set(names) <= set(self.answers):
            self._keep(self.partner.receive())

    def _hear(self) -> None:
        """Take all answers that the broker has: they come before a message that is sent now."""
        mark = self.partner.mark()
        while (answer := self.partner.receive())["requestId"] != mark:
            self._keep(answer)

    def _keep(self, answer: Message) -> None:
        name = answer["requestId"]
        if name in self.answers:
            self.left.doubled += 1
            if untimed(answer) != untimed(self.answers[name]):
                self.left.unequal.append(name)
        self.answers.setdefault(name, answer)

    def _look(self) -> None:
        left, twins = self.left, dict(map(reversed, self._pairs))  # type: ignore[arg-type]  # of two
        left.lost = [name for name in left.sent if name not in self.answers]
        left.wrong = [
            self.answers[name]
            for name, asked in left.sent.items()
            if name in self.answers and not _is_right(asked, self.answers[name], twins)
        ]
        for subject_id in left.inserted:
            found = self.stubs.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject_id), timeout=60)
            if len(found.subject.encounters) != 1:
                left.not_once.append(subject_id)


def _is_right(asked: Message, answer: Message, twins: Mapping[str, str]) -> bool:
    if answer["returnValue"] != "1":
        return False
    if asked["id"] != "mosip.abis.identify":
        return True
    return [twins[asked["referenceId"]]] == [each["referenceId"] for each in answer["candidateList"]["candidates"]]
