"""MOSIP's registration processor, as far as an ABIS sees it: requests to one queue, answers from another."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.support.mosip_abis.broker import PASSWORD, USER
from tests.support.mosip_abis.stomp import Connection, Frame

Message = dict[str, Any]
Check = Callable[[Message, Message], None]
REQUESTS, ANSWERS = "mosip-to-abis", "abis-to-mosip"


def now() -> str:
    """The time as MOSIP writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def request(operation: str, **fields: Any) -> Message:
    """A request; fields that are None are left out."""
    head = {"id": f"mosip.abis.{operation}", "version": "1.1", "requestId": str(uuid.uuid4()), "requesttime": now()}
    return {name: value for name, value in {**head, **fields}.items() if value is not None}


def insertion(reference_id: str | None, url: str | None, **fields: Any) -> Message:
    """A request to insert what is at an address."""
    return request("insert", referenceId=reference_id, referenceURL=url, **fields)


def search(reference_id: str | None, gallery: list[str] | None = None, **fields: Any) -> Message:
    """A request to identify, in all that is there or among those of these ids."""
    among = None if gallery is None else {"referenceIds": [{"referenceId": each} for each in gallery]}
    flags = {"maxResults": "10", "targetFPIR": "30", "flag1": "", "flag2": ""}
    return request("identify", referenceId=reference_id, **{"gallery": among, "flags": flags, **fields})


def found(answer: Message) -> list[str]:
    """The candidates of an answer."""
    assert "1" == answer["returnValue"], answer
    candidates = [each["referenceId"] for each in answer["candidateList"]["candidates"]]
    assert str(len(candidates)) == answer["candidateList"]["count"]
    return candidates


def new_id() -> str:
    """A referenceId that no other test uses."""
    return str(uuid.uuid4())


@dataclass
class Partner:
    """Sends and collects.

    Args:
        broker: its address.
        requests: queue of requests.
        answers: queue of answers.
        check: is given each request and its answer.
        is_listening: whether it takes answers; else they stay in their queue.
        frames: all answers, in order.
    """

    broker: str
    requests: str = REQUESTS
    answers: str = ANSWERS
    check: Check = lambda _asked, _answer: None
    is_listening: bool = True
    frames: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._asked: dict[str, Message] = {}
        self._connection = Connection(self.broker, USER, PASSWORD)
        if self.is_listening:
            self._connection.subscribe(self.answers)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def send(self, message: Message, *, as_text: bool = True) -> str:
        """Send a request; returns its id."""
        name = str(message.get("requestId"))
        self._asked[name] = message
        self.send_bytes(json.dumps(message).encode(), as_text=as_text)
        return name

    def send_bytes(self, body: bytes, *, as_text: bool = True) -> None:
        """Send anything."""
        self._connection.send(self.requests, body, as_text=as_text)

    def mark(self) -> str:
        """Send an answer to oneself, after all that were sent before; returns its request id."""
        name = str(uuid.uuid4())
        self._connection.send(self.answers, json.dumps({"requestId": name}).encode())
        return name

    def receive(self) -> Message:
        """The next answer, checked."""
        frame = self._connection.receive()
        self.frames.append(frame)
        answer: Message = json.loads(frame.body)
        if (asked := self._asked.get(answer["requestId"])) is not None:
            self.check(asked, answer)
        return answer

    def collect(self, names: list[str]) -> Mapping[str, Message]:
        """Wait for an answer of each of these requests; all that come must be of them, and be equal if several are."""
        answers: dict[str, Message] = {}
        while set(names) - set(answers):
            answer = self.receive()
            name = answer["requestId"]
            assert name in names, answer
            assert untimed(answer) == untimed(answers.setdefault(name, answer))
        return answers

    def ask(self, message: Message, *, as_text: bool = True) -> Message:
        """Send a request and wait for its answer."""
        name = self.send(message, as_text=as_text)
        answer = self.receive()
        assert name == answer["requestId"], answer
        return answer

    def insert(self, reference_id: str, url: str) -> Message:
        """Insert what is at an address."""
        return self.ask(insertion(reference_id, url))

    def identify(self, reference_id: str, gallery: list[str] | None = None, **fields: Any) -> Message:
        """Search for whom an id stands."""
        return self.ask(search(reference_id, gallery, **fields))


def untimed(answer: Message) -> Message:
    """An answer without its time."""
    return {name: value for name, value in answer.items() if name != "responsetime"}


def failed(answer: Message) -> str:
    """The failure's number."""
    assert "2" == answer["returnValue"], answer
    return str(answer["failureReason"])
