"""gallery.index.search.batch: which requests are answered together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

import pytest

from biometrics.errors import DeadlineExpired
from gallery.index.search.batch import Batcher
from gallery.patience import IsWanted


class Doubler:
    """Doubles numbers and records the batches; the first batch waits until it is released, and 13 is an error."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.first_begun, self.first_may_end = Event(), Event()

    def __call__(self, numbers: Sequence[int], _is_wanted: IsWanted) -> list[int]:
        """The work of a Batcher."""
        self.batches.append(list(numbers))
        if len(self.batches) == 1:
            self.first_begun.set()
            assert self.first_may_end.wait(30)
        if 13 in numbers:
            raise ValueError("unlucky")
        return [2 * number for number in numbers]


def asked_while_busy(doubler: Doubler, numbers: Sequence[int]) -> list[Future[int]]:
    """Answers to 0, and to numbers that are asked in order while the batch of 0 is being answered."""
    batcher = Batcher(doubler)
    with ThreadPoolExecutor(1 + len(numbers)) as callers:
        answers = [callers.submit(batcher.answer, 0)]
        assert doubler.first_begun.wait(30)
        for count, number in enumerate(numbers, 1):
            answers.append(callers.submit(batcher.answer, number))
            while len(batcher._waiting) < count:
                time.sleep(0)  # lets the caller run; waits for no time
        doubler.first_may_end.set()
    return answers


def test_requests_that_arrive_during_a_batch_make_up_the_next() -> None:
    """Three requests that came during the first batch are answered in one call, each with its own answer."""
    doubler = Doubler()
    answers = asked_while_busy(doubler, [1, 2, 3])
    assert [0, 2, 4, 6] == [answer.result() for answer in answers]
    assert [[0], [1, 2, 3]] == doubler.batches


def test_an_error_reaches_its_batch_only() -> None:
    """An error of the work is raised to every caller of the batch, and the next request is answered."""
    doubler = Doubler()
    answers = asked_while_busy(doubler, [1, 13])
    assert 0 == answers[0].result()
    for answer in answers[1:]:
        with pytest.raises(ValueError, match="unlucky"):
            answer.result()


def test_one_request_after_another_is_a_batch_of_its_own() -> None:
    """A request that comes while no batch is being answered is answered at once, alone."""
    doubler = Doubler()
    doubler.first_may_end.set()
    batcher = Batcher(doubler)
    assert [2, 4] == [batcher.answer(1), batcher.answer(2)]
    assert [[1], [2]] == doubler.batches


def test_a_request_after_an_error_is_answered() -> None:
    """After a batch that failed, the next request is answered."""
    doubler = Doubler()
    doubler.first_may_end.set()
    batcher = Batcher(doubler)
    with pytest.raises(ValueError, match="unlucky"):
        batcher.answer(13)
    assert 2 == batcher.answer(1)


def test_a_caller_that_does_not_wait_any_more_leaves() -> None:
    """A caller whose deadline passes while another batch is being answered is in no batch."""
    doubler = Doubler()
    batcher = Batcher(doubler)
    with ThreadPoolExecutor(1) as callers:
        first = callers.submit(batcher.answer, 0)
        assert doubler.first_begun.wait(30)
        with pytest.raises(DeadlineExpired):
            batcher.answer(1, lambda: False)
        doubler.first_may_end.set()
        assert 0 == first.result()
    assert 4 == batcher.answer(2)
    assert [[0], [2]] == doubler.batches


def test_a_batch_is_wanted_while_one_of_its_callers_waits() -> None:
    """The work is told that its batch is not wanted only when none of its callers waits."""
    seen: list[bool] = []
    wanted = {1: True, 2: True}

    def work(numbers: Sequence[int], is_wanted: IsWanted) -> Sequence[int]:
        if len(numbers) > 1:
            for number in numbers:
                seen.append(is_wanted())
                wanted[number] = False
            seen.append(is_wanted())
        else:
            first_begun.set()
            assert both_wait.wait(30)
        return numbers

    first_begun, both_wait = Event(), Event()
    batcher = Batcher(work)
    with ThreadPoolExecutor(3) as callers:
        callers.submit(batcher.answer, 0)
        assert first_begun.wait(30)
        answers = [callers.submit(batcher.answer, number, lambda number=number: wanted[number]) for number in (1, 2)]
        while len(batcher._waiting) < 2:
            time.sleep(0)  # lets the callers run; waits for no time
        both_wait.set()
        wait(answers)
    assert [True, True, False] == seen
