from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from biometrics.errors import ServiceUnavailable
from biometrics.template import Modality
from fusion.enroll import EnrolmentRequest, enroll
from fusion.matchers import connect
from tests.fakes import MemoryStore
from tests.unit.fusion.world import UUID, matchers, sample

DEADLINE_S = 1.0


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a server that takes connections and never answers."""
    over = asyncio.Event()

    async def never_answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"{host}:{port}"
    over.set()
    server.close()
    await server.wait_closed()


async def test_an_enrolment_says_which_service_hangs(silent: str) -> None:
    """The service's part of the deadline ends before the deadline, so that the caller is told which one it was."""
    store = MemoryStore()
    services = {**matchers(store), Modality.IRIS: connect(Modality.IRIS, silent, 1024)}
    samples = (sample(Modality.FACE, "ann"), sample(Modality.IRIS, "ann"))
    request = EnrolmentRequest(UUID.format(1), "ann", (), "", samples, (), add_encounter=False)
    with pytest.raises(ServiceUnavailable) as caught:
        async with asyncio.timeout(DEADLINE_S):
            await enroll(request, services, store, DEADLINE_S)
    assert ("IRIS", "samples[1]") == (caught.value.metadata["modality"], caught.value.metadata["sample"])
    assert {} == store.subjects
