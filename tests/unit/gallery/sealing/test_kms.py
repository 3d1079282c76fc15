from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from biometrics.errors import KeyUnavailable, KeyWrong
from gallery.sealing.data_keys import DataKeys
from gallery.sealing.kms import AwsKms
from gallery.sealing.rotation import Rotation
from gallery.sealing.subject_keys import SubjectKeys
from tests.support.fakes.memory_keys import MemoryKeyTable

REGION = "eu-central-1"
DATA_KEY = bytes(range(32))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that answers as AWS KMS does."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ACCESS_KEY_ID", "id"), ("SECRET_ACCESS_KEY", "secret"), ("DEFAULT_REGION", REGION)):
        monkeypatch.setenv(f"AWS_{name}", value)


def service(endpoint: str) -> Any:
    """The service as its administrator uses it."""
    return boto3.client("kms", region_name=REGION, endpoint_url=endpoint)


def new_key(endpoint: str) -> str:
    """ARN of a new KMS key."""
    return str(service(endpoint).create_key()["KeyMetadata"]["Arn"])


async def test_a_data_key_is_unwrapped_in_its_context_only(endpoint: str) -> None:
    """KMS wraps a data key, hides it, and unwraps it with the same context and key."""
    arn = new_key(endpoint)
    kms = AwsKms(arn, endpoint)
    key_id, wrapped = await kms.wrap(DATA_KEY, "biofusion/store/1/1")
    assert (arn, arn) == (key_id, await kms.current())
    assert DATA_KEY not in wrapped
    assert DATA_KEY == await kms.unwrap(key_id, wrapped, "biofusion/store/1/1")
    with pytest.raises(KeyWrong, match="refuses"):
        await kms.unwrap(key_id, wrapped, "biofusion/store/2/1")
    await kms.close()


async def test_a_key_that_is_not_there_is_refused(endpoint: str) -> None:
    """A key that KMS does not have, or that is another one, is a wrong key, not one that is unavailable."""
    arn = new_key(endpoint)
    with pytest.raises(KeyWrong, match="NotFoundException"):
        await AwsKms(arn[:-12] + "0" * 12, endpoint).wrap(DATA_KEY, "context")
    _, wrapped = await AwsKms(arn, endpoint).wrap(DATA_KEY, "context")
    with pytest.raises(KeyWrong, match="refuses"):
        await AwsKms(arn, endpoint).unwrap(new_key(endpoint), wrapped, "context")


async def test_a_service_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there: the key is unavailable, and the same call can be tried again."""
    monkeypatch.setattr("gallery.sealing.kms.ATTEMPTS", 1)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with pytest.raises(KeyUnavailable, match="cannot be reached"):
        await AwsKms("alias/store", f"http://127.0.0.1:{port}").current()


async def test_keys_are_rotated_to_another_kms_key(endpoint: str, caplog: pytest.LogCaptureFixture) -> None:
    """A store whose setting names another KMS key is rotated to it, and the log names the one that may be deleted."""
    first, second = new_key(endpoint), new_key(endpoint)
    service(endpoint).create_alias(AliasName="alias/store", TargetKeyId=first)
    kms, table = AwsKms("alias/store", endpoint), MemoryKeyTable()
    ref, key = await SubjectKeys(table, DataKeys(table, kms, "0a1b2c3d", 2)).take(1)
    service(endpoint).update_alias(AliasName="alias/store", TargetKeyId=second)
    data_keys = DataKeys(table, kms, "0a1b2c3d", 2)
    await Rotation(table, data_keys, kms).rotate()
    assert first in caplog.text
    assert {second} == (await data_keys.header()).key_ids
    assert [key] == await SubjectKeys(table, DataKeys(table, kms, "0a1b2c3d", 2)).find(1, [ref])
