"""`biofusion osia` killed again and again while it enrols and identifies with callbacks, and what was left of it."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Timer
from time import monotonic
from typing import Any
from uuid import UUID

import httpx

from cli.stubs import FusionStubs
from tests.service import pictures
from tests.support.adapters.left import Left, is_there_once
from tests.support.adapters.process import AdapterProcess
from tests.support.jobs.receiver import Receiver, receiver

AT_ONCE = 2
"""Enrolments, and searches, that are sent before each kill."""
FIRST = 60_000
"""The first of the identities, which no other test uses."""
WAIT_S = 120.0
Answer = tuple[str, Any]
"""The transaction, and the body of a callback."""


class Arrivals(list[Any]):
    """What a receiver got, which can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: Queue[Answer] = Queue()

    def append(self, item: Any) -> None:
        """Keep what came."""
        path, _, body = item
        self.queue.put((httpx.URL(path).params["transactionId"], json.loads(body)))


@contextmanager
def arriving() -> Iterator[tuple[Receiver, Arrivals]]:
    """A receiver of callbacks, and what it gets."""
    with receiver() as there:
        there.received = arrivals = Arrivals()
        yield there, arrivals


@dataclass
class OsiaKilling:
    """The work and its answers.

    Args:
        process: not started yet; it may send callbacks to `there`.
        there: the receiver.
        arrivals: what it gets.
        gallery: of the people, which no other test uses.
        stubs: of fusion, asked for people at the end.
        rng: of the points in time.
    """

    process: AdapterProcess
    there: Receiver
    arrivals: Arrivals
    gallery: str
    stubs: FusionStubs
    rng: random.Random
    left: Left = field(default_factory=Left)

    def __post_init__(self) -> None:
        self._sent: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._again: list[str] = []
        self._answers: dict[str, Any] = {}
        self._next = FIRST
        self._first: list[str] = []
        self._people: dict[str, str] = {}
        """Whom a search must find, by its transaction."""

    def run(self, kills: int) -> Left:
        """Kill so often; then let the process answer everything, and look."""
        self.process.start()
        self._send([self._enrolment() for _ in range(AT_ONCE)])
        self._until_answered()
        self._first = [self._answers[name]["personId"] for name in self._sent]
        batch, begin = self._batch(), monotonic()
        self._send(batch)
        self._until_answered()
        span_s = monotonic() - begin
        for _ in range(kills):
            batch, timer = self._batch(), Timer(self.rng.uniform(0, span_s), self.process.kill)
            timer.start()
            self._send(batch)
            timer.join()
            self._hear()
            self.left.kills += 1
            self.left.amid += len(self._answers) < len(self._sent)
            self.process.start()
            again, self._again = self._again, []
            self._send(again)
        with suppress(Empty):  # what was lost is told
            self._until_answered()
        self._look()
        self.process.end()
        return self.left

    def _batch(self) -> list[str]:
        """New enrolments and searches, in turn; their transactions."""
        found = []
        for number in range(AT_ONCE):
            found += [self._enrolment(), self._search(number)]
        return found

    def _enrolment(self) -> str:
        body = {"status": "ACTIVE", "encounterType": "civil", "galleries": [self.gallery]}
        self.left.insertions += 1
        self._next += 1
        return self._new("/v1/persons", {**body, "biometricData": [_eye(self._next)]})

    def _search(self, number: int) -> str:
        self.left.searches += 1
        body = {"filter": {}, "biometricData": [_eye(FIRST + 1 + number, 1)]}
        name = self._new(f"/v1/identify/{self.gallery}", body)
        self._people[name] = self._first[number]
        return name

    def _new(self, path: str, body: Mapping[str, Any]) -> str:
        name = str(UUID(int=self.rng.getrandbits(128), version=4))
        self._sent[name] = path, body
        return name

    def _send(self, names: list[str]) -> None:
        """Send requests; those that get no answer are to be sent again."""
        with httpx.Client(base_url=self.process.address, trust_env=False, timeout=60) as client:
            for name in names:
                path, body = self._sent[name]
                query = {"transactionId": name, "callback": self.there.url}
                try:
                    assert 202 == client.post(path, json=body, params=query).status_code
                except httpx.TransportError:
                    self._again.append(name)

    def _until_answered(self) -> None:
        while len(self._answers) < len(self._sent):
            self._keep(*self.arrivals.queue.get(timeout=WAIT_S))

    def _hear(self) -> None:
        while not self.arrivals.queue.empty():
            self._keep(*self.arrivals.queue.get())

    def _keep(self, name: str, answer: Any) -> None:
        self.left.keep(self._answers, name, answer, _essence)

    def _look(self) -> None:
        left = self.left
        left.lost = [name for name in self._sent if name not in self._answers]
        left.wrong = [name for name in self._answers if not self._is_right(name)]
        url = f"{self.process.address}/v1/galleries/{self.gallery}"
        query: dict[str, str | int] = {"transactionId": "end", "limit": 1000}
        left.counted = len(httpx.get(url, params=query, trust_env=False).json())
        for name, (path, _) in self._sent.items():
            answer = self._answers.get(name, {})
            if path == "/v1/persons" and not is_there_once(self.stubs, answer.get("personId", "nobody")):
                left.not_once.append(name)

    def _is_right(self, name: str) -> bool:
        answer = self._answers[name]
        if name not in self._people:
            return "personId" in answer
        return isinstance(answer, list) and [self._people[name]] == [each["personId"] for each in answer]


def _essence(answer: Any) -> Any:
    """Of an enrolment who it is, of a search who was found."""
    if isinstance(answer, list):
        return [each["personId"] for each in answer]
    return answer.get("personId"), answer.get("encounterId"), answer.get("code")


def _eye(identity: int, capture: int = 0) -> dict[str, Any]:
    image = base64.b64encode(pictures.eye(identity, capture)).decode()
    return {"biometricType": "IRIS", "biometricSubType": "EYE_LEFT", "image": image}
