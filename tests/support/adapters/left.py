"""What is left after an adapter was killed again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from biofusion.fusion.v1 import subjects_pb2

from cli.stubs import FusionStubs


@dataclass
class Left:
    """What was found after the kills.

    Args:
        kills: how often the process was killed.
        amid: kills at which some request was not answered yet.
        insertions: how many were sent.
        searches: how many were sent.
        lost: requests without an answer.
        again: answers beyond the first of a request that are equal to it.
        unequal: requests with two different answers.
        wrong: requests whose answer is not what was to be expected: an insertion succeeds, a search finds one person.
        not_once: people who are not there with exactly one encounter.
        counted: people in the gallery.
    """

    kills: int = 0
    amid: int = 0
    insertions: int = 0
    searches: int = 0
    lost: list[str] = field(default_factory=list)
    again: int = 0
    unequal: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    not_once: list[str] = field(default_factory=list)
    counted: int = 0

    def keep(self, answers: dict[str, Any], name: str, answer: Any, essence: Callable[[Any], Any]) -> None:
        """Keep the first answer of a request; of another one note whether it is equal.

        Args:
            answers: by request.
            name: of the request.
            answer: to it.
            essence: what must be equal of two answers.
        """
        first = answers.setdefault(name, answer)
        if first is answer:
            return
        if essence(first) == essence(answer):
            self.again += 1
        else:
            self.unequal.append(name)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost, and nothing done twice."""
        return not (self.lost or self.unequal or self.wrong or self.not_once) and self.counted == self.insertions


def is_there_once(stubs: FusionStubs, subject_id: str) -> bool:
    """Whether somebody is enrolled, with exactly one encounter."""
    try:
        answer = stubs.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject_id), timeout=60)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return False
        raise
    return len(answer.subject.encounters) == 1
