"""Requests that are answered by a callback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest

from adapters.osia.app import build
from adapters.osia.tasks.database import Database
from biometrics.errors import ConfigurationInvalid
from infra.settings import Settings
from tests.service.fusion.requests import someone
from tests.service.osia.bodies import encounter, eye
from tests.support.adapters.osia_file import check_body, interface
from tests.support.adapters.running import running_adapter
from tests.support.jobs.receiver import Receiver, receiver


class Arrivals(list[Any]):
    """What a receiver got, which can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: Queue[Any] = Queue()

    def append(self, item: Any) -> None:
        """Keep what came."""
        super().append(item)
        self.queue.put(item)

    def next(self) -> tuple[httpx.URL, str, Any]:
        """The address, type and body of the next one."""
        path, headers, body = self.queue.get(timeout=120)
        return httpx.URL(path), headers["Content-Type"], json.loads(body)


@contextmanager
def receiving(*codes: int) -> Iterator[tuple[Receiver, Arrivals]]:
    """A receiver that answers with these codes, then 200, and what it gets."""
    with receiver(*codes) as made:
        made.received = arrivals = Arrivals()
        yield made, arrivals


def settled(client: httpx.Client, task_id: str, *states: str) -> str:
    """The state of a task once it is one of these."""
    for _ in range(2000):
        if (state := client.get(f"/v1/tasks/{task_id}/status").json()) in states:
            return str(state)
    raise AssertionError(state)


@contextmanager
def caller(address: str) -> Iterator[httpx.Client]:
    """A client of an adapter."""
    with httpx.Client(base_url=address, params={"transactionId": "a b"}, trust_env=False, timeout=60) as client:
        yield client


def test_results_are_delivered(osia_settings: Settings, tmp_path: Path) -> None:
    """A result and an error come by callback, are retried, given up, and delivered again when that is asked for."""
    with receiving(500, 200, 500, 500, 500) as (there, arrivals):
        settings = replace(
            osia_settings,
            osia_database=str(tmp_path / "osia.db"),
            osia_callback_origins=there.origin,
            osia_callback_attempts=3,
        )
        with (
            running_adapter(settings, lambda *parts: build(*parts, first_wait_s=0.01)) as address,
            caller(address) as client,
        ):
            accepted = client.get("/v1/galleries", params={"callback": there.url})
            assert 202 == accepted.status_code
            first, second = arrivals.next(), arrivals.next()
            assert first == second
            task_id = accepted.json()["taskId"]
            assert {"a": "b", "transactionId": "a b", "taskId": task_id} == dict(first[0].params)
            assert ("application/json", list) == (first[1], type(first[2]))
            settled(client, task_id, "COMPLETED")
            assert 404 == client.post(f"/v1/tasks/{task_id}/redeliver").status_code
            gone = client.delete(f"/v1/persons/{someone()}", params={"callback": there.url}).json()["taskId"]
            for _ in range(3):
                _, kind, body = arrivals.next()
                assert ("application/error+json", 404) == (kind, body["code"])
                check_body(body, interface()["components"]["schemas"]["Error"])
            settled(client, gone, "RESPONSE_ERROR")
            assert 204 == client.post(f"/v1/tasks/{gone}/redeliver").status_code
            assert 404 == arrivals.next()[2]["code"]
            settled(client, gone, "COMPLETED")


@contextmanager
def process(settings: Settings, origin: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`biofusion osia` in a process of its own, and its address."""
    variables = {
        "ADAPTER_PORT": "0",
        "ADAPTER_FUSION_TARGET": settings.adapter_fusion_target,
        "OSIA_DATABASE": settings.osia_database,
        "OSIA_KEY_FILE": settings.osia_key_file,
        "OSIA_CALLBACK_ORIGINS": origin,
    }
    environment = os.environ | {f"BIOFUSION_{name}": value for name, value in variables.items()}
    environment["PYTHONUNBUFFERED"] = "1"
    command = [sys.executable, "-m", "cli", "osia"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment | {"PYTHONUNBUFFERED": "1"}
    ) as run:
        assert run.stdout
        try:
            yield run.stdout.readline().split()[2].removesuffix("."), run
        finally:
            run.kill()


def test_a_kill_between_202_and_the_callback(osia_settings: Settings, tmp_path: Path) -> None:
    """The result still comes, once; what is kept meanwhile cannot be read, and nothing is kept after it."""
    database, gallery = tmp_path / "osia.db", someone()
    settings = replace(osia_settings, osia_database=str(database))
    body = encounter(gallery, eye(31))
    with receiving() as (there, arrivals):
        with process(settings, there.origin) as (address, run), caller(address) as client:
            task_id = client.post("/v1/persons", json=body, params={"callback": there.url}).json()["taskId"]
            run.send_signal(signal.SIGKILL)
            run.wait()
        kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
        assert body["biometricData"][0]["image"][100:160].encode() not in kept
        with process(settings, there.origin) as (address, run), caller(address) as client:
            _, _, result = arrivals.next()
            settled(client, task_id, "COMPLETED")
            (only,) = client.get(f"/v1/galleries/{gallery}").json()
            assert {"personId": result["personId"], "encounterId": result["encounterId"]} == only
            run.send_signal(signal.SIGTERM)
            assert 0 == run.wait(60)
        assert 1 == len(arrivals)
    row = Database(str(database)).find(task_id)
    assert row is not None
    assert (b"", b"") == (row.request, row.result)


def test_one_process_has_the_file(tmp_path: Path) -> None:
    """A second adapter on the same file does not start."""
    first = Database(str(tmp_path / "osia.db"))
    first.put("p", "e", "civil")
    with pytest.raises(ConfigurationInvalid, match="another process"):
        Database(str(tmp_path / "osia.db"))
    assert "civil" == first.get("p", "e")
    first.close()
