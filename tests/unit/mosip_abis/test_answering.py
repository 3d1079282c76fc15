"""From messages to answers."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Any

import pytest

from adapters.keeping.sealing import Seal
from adapters.mosip_abis.failures import Failure, Later, Refused
from adapters.mosip_abis.queue.outcomes import Outcomes
from tests.support.mosip_abis.answering import Doing, answering, message, told


async def test_a_request_is_done_once() -> None:
    """A repetition gets the same answer, to the letter, and nothing is done again."""
    doing = Doing()
    one = answering(doing)
    first = await one.answer(message())
    assert first == await one.answer(message(requesttime="2021-01-01T00:00:00.000Z"))
    assert 1 == len(doing.done)


async def test_repetitions_at_once() -> None:
    """Two messages of one request that are there at once are done once."""
    doing = Doing()
    one = answering(doing)
    answers = await asyncio.gather(*(one.answer(message()) for _ in range(5)))
    assert 1 == len(set(answers)) == len(doing.done)


async def test_a_failure_of_the_request_stays() -> None:
    """What is wrong with the request itself is answered again; what passes is tried anew."""
    doing = Doing(Refused(Failure.NOT_FETCHED), Refused(Failure.POOR_QUALITY))
    one = answering(doing)
    assert ["7", "18", "18"] == [(await told(one, message()))["failureReason"] for _ in range(3)]
    assert 2 == len(doing.done)


async def test_another_request_of_the_same_id() -> None:
    """It is not understood, and not done."""
    one = answering(doing := Doing())
    assert "1" == (await told(one, message()))["returnValue"]
    assert "4" == (await told(one, message(referenceId="p-2")))["failureReason"]
    assert 1 == len(doing.done)


async def test_attempts() -> None:
    """What does not answer is asked again, as often as is set."""
    later = [Later(Failure.INTERNAL, "UNAVAILABLE") for _ in range(3)]
    assert "1" == (await told(answering(doing := Doing(*later), attempts=4), message()))["returnValue"]
    assert 4 == len(doing.done)
    assert "1" == (await told(answering(Doing(*later), attempts=3), message()))["failureReason"]


async def test_what_is_not_expected(caplog: pytest.LogCaptureFixture) -> None:
    """It is failure 3, and nothing of its text is told."""
    answer = await told(answering(Doing(ValueError("MARKER"))), message())
    assert "3" == answer["failureReason"]
    assert "MARKER" not in caplog.text + json.dumps(answer)


@pytest.mark.parametrize("text", [b"", b"no JSON", b"[]", b"{", b'"id"', b'{"id": NaN}', b"\xff\xfe", b"[" * 99_999])
async def test_what_is_no_request(text: bytes) -> None:
    """It is answered all the same, without id."""
    answer = await told(answering(), text)
    assert ("", "", "2", "4") == tuple(answer[name] for name in ("id", "requestId", "returnValue", "failureReason"))


async def test_a_message_of_many_bytes() -> None:
    """It is not read."""
    assert "4" == (await told(answering(Doing()), message(requestId="r" * 2**20)))["failureReason"]


async def test_halves_of_characters() -> None:
    """A request whose ids cannot be written in UTF-8 is answered all the same: else it would come again for ever."""
    answer = await told(answering(), message("mosip.abis.ping", requestId="\ud800"))
    assert ("\ud800", "4") == (answer["requestId"], answer["failureReason"])


async def test_outcomes_are_known_for_a_time(tmp_path: Any) -> None:
    """An outcome that is too old is not told any more; it leaves the file with the next question, or the next start."""
    file, seal = tmp_path / "abis.db", Seal(b"k" * 32, "A_KEY")
    outcomes = Outcomes(str(file), seal, kept_s=-1.0)
    one = answering(doing := Doing(), outcomes=outcomes)
    for _ in range(2):
        await one.answer(message())
    assert 2 == len(doing.done)
    outcomes.close()
    Outcomes(str(file), seal, kept_s=-1.0).close()
    with sqlite3.connect(file) as rows:
        assert (0,) == rows.execute("SELECT count(*) FROM outcomes").fetchone()


async def test_outcomes_are_kept(tmp_path: Any) -> None:
    """Another process that opens the file gives the same answer; what is in the file cannot be read without the key."""
    file = tmp_path / "abis.db"
    outcomes = Outcomes(str(file), Seal(b"k" * 32, "A_KEY"))
    asked = message(requestId="r-secret")
    first = await answering(Doing(), outcomes=outcomes).answer(asked)
    outcomes.close()
    again = Outcomes(str(file), Seal(b"k" * 32, "A_KEY"))
    assert first == await answering(doing := Doing(), outcomes=again).answer(asked)
    assert [] == doing.done
    again.close()
    assert b"r-secret" not in file.read_bytes()
