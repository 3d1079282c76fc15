"""Upgrade and roll-back: processes of an earlier version and of this one take turns on one store."""

from __future__ import annotations

import json
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from biofusion.fusion.v1 import subjects_pb2, subjects_pb2_grpc
from biofusion.type.v1 import modality_pb2, sample_pb2

from gallery.sealing.key_file import make
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.settings import Settings
from tests.end_to_end.conftest import Process
from tests.support.redis_process import RedisProcess
from tests.support.supply.earlier_versions import FIRST, ROOT, NotHereError, last_release, modules_of, run, unpacked

PRESENT = modules_of(ROOT)
Stub = subjects_pb2_grpc.SubjectServiceStub


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, str]]:
    """The environment that runs an earlier version by `python -m`; the test is skipped if it is not in the clone."""

    def earlier(version: str) -> dict[str, str]:
        try:
            return unpacked(version, tmp_path_factory.mktemp("earlier"))
        except NotHereError as error:
            pytest.skip(str(error))

    return earlier


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an iris service that takes any template."""
    process = Process("tests.support.stub_matcher", {}, tmp_path_factory.mktemp("iris") / "log")
    process.start()
    yield process.address
    process.end(signal.SIGKILL)


@dataclass
class Place:
    """A store, and the processes that serve it in turns."""

    folder: Path
    settings: dict[str, str]

    @contextmanager
    def served(self, version: dict[str, str]) -> Iterator[Stub]:
        """The fusion service of a version on this store."""
        process = Process("fusion", self.settings | version, self.folder / "log")
        process.start()
        try:
            with grpc.insecure_channel(process.address) as channel:
                yield Stub(channel)
        finally:
            assert 0 == process.end()

    async def templates(self, subject_id: str) -> list[bytes]:
        """The templates of a subject that this version reads."""
        url, key_file = self.settings["BIOFUSION_STORE_URL"], self.settings["BIOFUSION_KEY_FILE"]
        settings = Settings(store_url=url, key_file=key_file)
        store = open_store(settings.store, StoreOptions.of(settings))
        try:
            encounters = (await store.get(subject_id)).encounters
            return [each.template.data for encounter in encounters for each in encounter.references]
        finally:
            await store.close()


@pytest.fixture
def place(request: pytest.FixtureRequest, iris: str, tmp_path: Path) -> Iterator[Place]:
    """An empty store."""
    make(tmp_path / "key")
    redis = RedisProcess(tmp_path)
    if request.param == "redis":
        redis.start()
    url = redis.url if request.param == "redis" else f"sqlite:///{tmp_path / 'store.db'}"
    settings = {"BIOFUSION_STORE_URL": url, "BIOFUSION_KEY_FILE": str(tmp_path / "key")}
    yield Place(tmp_path, settings | {"BIOFUSION_IRIS_TARGET": iris})
    redis.stop()


def enrolled(stub: Stub, subject_id: str, data: str, request_id: str = "") -> str:
    """Enrol a template with these data; returns the consistency token."""
    template = sample_pb2.Template(modality=modality_pb2.MODALITY_IRIS, model_id="any-model", data=data.encode())
    sample = sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, template=template)
    request = subjects_pb2.EnrollSubjectRequest(
        request_id=request_id or str(uuid.uuid4()), subject_id=subject_id, samples=[sample]
    )
    return str(stub.EnrollSubject(request, timeout=30).consistency_token)


def erase(stub: Stub, subject_id: str) -> None:
    """Erase a subject."""
    stub.DeleteSubject(subjects_pb2.DeleteSubjectRequest(request_id=str(uuid.uuid4()), subject_id=subject_id))


def seen(stub: Stub, subject_id: str, token: str = "") -> int:
    """The number of references that a read with this token sees."""
    request = subjects_pb2.GetSubjectRequest(subject_id=subject_id, consistency_token=token)
    return sum(len(each.references) for each in stub.GetSubject(request, timeout=30).subject.encounters)


@pytest.mark.parametrize("place", ["sqlite", "redis"], indirect=True)
async def test_upgrade_and_roll_back(place: Place, earlier: Callable[[str], dict[str, str]]) -> None:
    """Subjects, tokens, receipts and templates survive an upgrade from the last release, a roll-back and an upgrade."""
    release, request_id = earlier(last_release()), str(uuid.uuid4())
    with place.served(release) as old:
        before = enrolled(old, "ann", "ann", request_id)
    with place.served(PRESENT) as new:
        assert 1 == seen(new, "ann", before)
        assert before == enrolled(new, "ann", "ann", request_id)
        since = enrolled(new, "bob", "bob")
        erase(new, "ann")
        again = enrolled(new, "ann", "ann, again")
    assert [b"bob"] == await place.templates("bob")
    with place.served(release) as old:
        assert (1, 1) == (seen(old, "bob", since), seen(old, "ann", again))
        enrolled(old, "cleo", "cleo")
    report = json.loads(run(release | place.settings, "cli", "gallery", "verify", "--json"))
    assert (3, 3, []) == (report["subjectCount"], report["referenceCount"], report["findings"])
    assert [[b"ann, again"], [b"cleo"]] == [await place.templates(each) for each in ("ann", "cleo")]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_an_earlier_version_of_records(place: Place, earlier: Callable[[str], dict[str, str]]) -> None:
    """Records of an earlier version are read; the program of that time refuses newer ones by name, and no others."""
    first = earlier(FIRST)
    with place.served(first) as old:
        before = enrolled(old, "ann", "ann")
    with place.served(PRESENT) as new:
        assert 1 == seen(new, "ann", before)
        enrolled(new, "bob", "bob")
    assert [b"ann"] == await place.templates("ann")
    with place.served(first) as old:
        with pytest.raises(grpc.RpcError, match="record has version 2, and this program reads 1"):
            seen(old, "bob")
        assert 1 == seen(old, "ann", before)
    assert [b"bob"] == await place.templates("bob")
