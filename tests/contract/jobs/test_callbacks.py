"""Callbacks to a real server: signed, repeated until they arrive, also by other processes, and asked for again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from biometrics.errors import FieldInvalid
from fusion.jobs.jobs import Jobs
from fusion.jobs.options import JobOptions
from fusion.jobs.values import Callback
from gallery.store.documents.port import Documents
from infra.callbacks.origins import Origins
from tests.support.jobs.number_kind import NUMBER
from tests.support.jobs.office import OPTIONS, WAIT_S, Office, office, until
from tests.support.jobs.receiver import Receiver, is_signed, receiver

SECRET = b"k" * 32


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    """A file with the key of the signatures."""
    (tmp_path / "secret").write_bytes(SECRET + b"\n")
    return str(tmp_path / "secret")


def telling(server: Receiver, secret_file: str) -> JobOptions:
    """Options of a process that may tell this server."""
    return replace(OPTIONS, origins=Origins.parse(server.origin), secret_file=secret_file)


async def ended(front: Office, server: Receiver) -> str:
    """The name of a job that has ended and is to be told to a server; it has 10 rows, and 5 were refused."""
    made = await front.jobs.create(NUMBER, {"rows": 10, "refused": 2}, callback_url=server.url)
    return (await front.jobs.wait(made.name, WAIT_S)).name


async def attempted(jobs: Jobs, name: str, attempts: int) -> Callback:
    """The callback of a job once so many attempts are over."""

    async def is_attempted() -> bool:
        callback = (await jobs.get(name)).callback
        return callback.attempts == attempts and bool(callback.status)

    await until(is_attempted)
    return (await jobs.get(name)).callback


async def test_the_end_of_a_job_is_told_once(documents: Documents, secret_file: str) -> None:
    """The message is signed, and has the job's name, kind, state and counts, and nothing else."""
    with receiver() as server:
        async with office(documents, telling(server, secret_file)) as front:
            name = await ended(front, server)
            callback = await attempted(front.jobs, name, 1)
            assert (False, "200") == (callback.is_due, callback.status)
        ((path, headers, body),) = server.received
    assert "/hook?a=b" == path
    assert is_signed(headers, body, SECRET)
    assert not is_signed(headers, body + b" ", SECRET)
    facts = json.loads(body)
    assert headers["Biofusion-Delivery"] == facts.pop("id")
    counts = {"done": 5, "refused": 5, "repeated": 0}
    assert {"name": name, "kind": NUMBER, "state": "DONE", "counts": counts} == facts


async def test_attempts_are_repeated_by_whoever_is_there(documents: Documents, secret_file: str) -> None:
    """What failed is tried again later, after the process was replaced too, with the same id; redirections fail."""
    now = 1000.0
    with receiver(500, 302, 0) as server:
        options = telling(server, secret_file)
        async with office(documents, options, lambda: now) as front:
            name = await ended(front, server)
            first = await attempted(front.jobs, name, 1)
            assert (True, "500", now + 10) == (first.is_due, first.status, first.next_time)
        for attempts, (status, wait) in enumerate((("302", 20), ("RemoteDisconnected", 40), ("200", 80)), 2):
            now += 3600
            async with office(documents, options, lambda at=now: at) as front:  # type: ignore[misc]
                told = await _with_status(front.jobs, name, attempts, status)
                assert now + wait == told.next_time
        assert not told.is_due
        assert 4 == len(server.received)
        assert 1 == len({headers["Biofusion-Delivery"] for _, headers, _ in server.received})
        assert all(is_signed(headers, body, SECRET) for _, headers, body in server.received)


async def test_a_receiver_that_is_away_for_a_day_is_given_up(documents: Documents, secret_file: str) -> None:
    """After 24 hours no attempt is made until somebody asks for it."""
    now = 1000.0
    with receiver(*[503] * 40) as server:
        async with office(documents, telling(server, secret_file), lambda: now) as front:
            name = await ended(front, server)
            callback = await attempted(front.jobs, name, 1)
            while callback.is_due:
                now = callback.next_time
                front.engine.hurry()
                callback = await attempted(front.jobs, name, callback.attempts + 1)
            assert 23 * 3600 < now - 1000 <= 24 * 3600
            server.codes.clear()
            await front.jobs.redeliver(name)
            assert "200" == (await _with_status(front.jobs, name, 1, "200")).status
            await front.jobs.redeliver(name)
    assert 1 == len({headers["Biofusion-Delivery"] for _, headers, _ in server.received})


async def test_a_callback_needs_an_allowed_origin(documents: Documents, secret_file: str) -> None:
    """A URL of another origin makes no job; a job whose origin was removed from the setting is not told."""
    with receiver() as server:
        options = telling(server, secret_file)
        async with office(documents, replace(options, workers=0)) as front:
            with pytest.raises(FieldInvalid):
                await front.jobs.create(NUMBER, {"rows": 1}, callback_url="http://127.0.0.1:1/hook")
            made = await front.jobs.create(NUMBER, {"rows": 1}, callback_url=server.url)
        async with office(documents, OPTIONS) as front:
            callback = await attempted(front.jobs, made.name, 1)
            assert (False, "ORIGIN_NOT_ALLOWED") == (callback.is_due, callback.status)
            plain = await front.jobs.create(NUMBER, {"rows": 1})
            await front.jobs.wait(plain.name, WAIT_S)
            with pytest.raises(FieldInvalid):
                await front.jobs.redeliver(plain.name)
        assert [] == server.received


async def _with_status(jobs: Jobs, name: str, attempts: int, status: str) -> Callback:
    """The callback of a job once this attempt ended with this status."""

    async def is_told() -> bool:
        callback = (await jobs.get(name)).callback
        return (callback.attempts, callback.status) == (attempts, status)

    await until(is_told)
    return (await jobs.get(name)).callback
