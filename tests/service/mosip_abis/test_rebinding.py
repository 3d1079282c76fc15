"""A name that may be called, and leads elsewhere when it is called."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Settings
from tests.service.fusion.requests import someone
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.adapter import running_abis
from tests.support.mosip_abis.broker import Broker
from tests.support.mosip_abis.partner import Partner, failed, new_id
from tests.support.mosip_abis.people import person
from tests.support.mosip_abis.share import Share, share

NAME, PUBLIC, HERE = "share.example.org", "93.184.215.14", "127.0.0.1"
resolve = socket.getaddrinfo


@dataclass
class Names:
    """A resolver: one name has the next of `answers` at each question, and the public address is a server here.

    Args:
        port: of the server that stands for the public address.
        answers: lists of addresses; the last one stays.
    """

    port: int
    answers: list[list[str]]

    def __call__(self, host: Any, port: Any, *others: Any, **more: Any) -> Any:
        """What `socket.getaddrinfo` does."""
        if host == PUBLIC:
            return resolve(HERE, self.port, *others, **more)
        if host != NAME:
            return resolve(host, port, *others, **more)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]


@pytest.fixture
def public(shared: Share) -> Iterator[Share]:
    """What the name leads to by rights; it takes the same tokens."""
    with share() as made:
        made.tokens = shared.tokens
        yield made


def asking(settings: Settings, broker: Broker, shared: Share, mark: str, folder: Path) -> tuple[Settings, Partner]:
    """Settings of an adapter that may call the name, and who asks it."""
    queues = {"mosip_abis_requests": someone(), "mosip_abis_answers": someone()}
    made = replace(
        settings,
        **queues,  # type: ignore[arg-type]
        mosip_abis_share_origins=f"{mark}http://{NAME}:{port_of(shared)}",
        mosip_abis_database=str(folder / "abis.db"),
        allow_insecure_bind=True,
    )
    return made, Partner(broker.address, *queues.values(), check=kits.check)


def port_of(served: Share) -> int:
    """Where it listens."""
    return int(served.origin.rpartition(":")[2])


def test_a_name_that_changes(
    abis_settings: Settings,
    broker: Broker,
    shared: Share,
    public: Share,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The address that was checked is the one that is called; private ones are not, also among others, but with `+`."""
    names = Names(port_of(public), [[PUBLIC], [HERE]])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    url = shared.put(person(163)).replace(HERE, NAME)
    path = url.removeprefix(f"http://{NAME}:{port_of(shared)}")
    public.files[path.rpartition("/")[2]] = person(164)
    shared.fetched.clear()
    settings, partner = asking(abis_settings, broker, shared, "", tmp_path)
    with running_abis(settings):
        assert "1" == partner.insert(new_id(), url)["returnValue"]
        assert ([path], []) == (public.fetched, shared.fetched)
        for answer in ([HERE], [PUBLIC, HERE], ["169.254.169.254"], ["10.0.0.1"]):
            names.answers = [answer]
            assert "7" == failed(partner.insert(new_id(), url))
        assert ([path], []) == (public.fetched, shared.fetched)
    partner.close()
    settings, partner = asking(abis_settings, broker, shared, "+", tmp_path)
    with running_abis(settings):
        names.answers = [[HERE]]
        assert "1" == partner.insert(new_id(), url)["returnValue"]
        assert [path] == shared.fetched
    partner.close()
