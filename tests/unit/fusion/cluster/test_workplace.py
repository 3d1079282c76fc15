"""What a process on a cluster works with: the store of its own machine, and the fusion process's rules."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from audit.chain_folder import segments
from audit.keyed_hashes import add_key
from biometrics.errors import ConfigurationInvalid
from cli.local.all_in_one import AllInOne
from fusion.cluster.helpers import HANDED_ON, handed_on, helpers
from fusion.cluster.workplace import workplace
from fusion.jobs.job_rows import JobRows
from fusion.jobs.jobs import Jobs
from fusion.jobs.options import JobOptions
from fusion.jobs.values import JobState
from gallery.store.open_store import open_store
from infra.settings import Settings
from tests.support import builders
from tests.support.audit.chains import Keys
from tests.support.jobs.office import WAIT_S


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the fusion process; the machine of the other process has its own store and its own folders."""
    monkeypatch.setenv("BIOFUSION_STORE_URL", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("BIOFUSION_JOB_FOLDERS", "/nowhere")
    monkeypatch.setenv("BIOFUSION_JOB_WORKERS", "0")
    return Settings(store_url="sqlite:////elsewhere.db", fmr=1e-3, job_folders=str(tmp_path))


async def test_jobs_of_the_machine_s_store_are_done(own: Settings, tmp_path: Path) -> None:
    """A job that another process made is done, in the store that the environment names."""
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    enrolment = builders.enrolment("a")
    await store.enroll(
        replace(enrolment, encounter=replace(enrolment.encounter, expire_time=builders.START_TIME.replace(year=2020)))
    )
    async with workplace(**handed_on(own)) as engine:
        jobs = Jobs(JobRows(store.backend.documents), engine, JobOptions())
        made = await jobs.create("expiry", {})
        assert JobState.QUEUED is (await jobs.get(made.name)).state
        engine.start()
        job = await jobs.wait(made.name, WAIT_S)
    assert (JobState.DONE, 1) == (job.state, job.counts.done), job.error
    await store.close()


async def test_jobs_that_a_machine_works_on_are_recorded(
    own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the fusion process keeps an audit log, so does this one, in its own chain; without one it does nothing."""
    with pytest.raises(ConfigurationInvalid, match="AUDIT_FOLDER"):
        async with workplace(is_recorded=True, **handed_on(own)):
            pass
    add_key(tmp_path / "hash.keys")
    monkeypatch.setenv("BIOFUSION_AUDIT_FOLDER", str(tmp_path / "log"))
    monkeypatch.setenv("BIOFUSION_AUDIT_INSTANCE", "machine")
    monkeypatch.setenv("BIOFUSION_AUDIT_KEY_FILE", str(tmp_path / "hash.keys"))
    monkeypatch.setenv("BIOFUSION_AUDIT_SIGNING_KEY_FILE", str(Keys.make(tmp_path).private))
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    await store.enroll(builders.enrolment("a"))
    async with workplace(is_recorded=True, **handed_on(own)) as engine:
        jobs = Jobs(JobRows(store.backend.documents), engine, JobOptions())
        made = await jobs.create("expiry", {})
        engine.start()
        await jobs.wait(made.name, WAIT_S)
    (chain,) = (tmp_path / "log").iterdir()
    assert f"machine-jobs-{os.getpid()}" == chain.name
    assert made.name in "".join(each.read_text() for _, each in segments(chain))
    await store.close()


async def test_a_folder_that_the_machine_lacks(own: Settings, tmp_path: Path) -> None:
    """A process whose machine has not the folders of jobs says so, and does nothing."""
    lacking = handed_on(replace(own, job_folders=str(tmp_path / "missing")))
    with pytest.raises(ConfigurationInvalid, match="JOB_FOLDERS"):
        async with workplace(**lacking):
            pass


def test_what_is_handed_on_is_no_place_of_a_secret() -> None:
    """Files, stores and keys are those of the machine; how rows are judged is that of the fusion process."""
    assert not [name for name in HANDED_ON if any(part in name for part in ("file", "key", "url", "redis", "tls"))]
    rules = {name for name in Settings.__dataclass_fields__ if name.startswith(("min_quality", "f", "review_band"))}
    assert rules <= set(HANDED_ON)


async def test_without_the_setting_there_are_no_helpers() -> None:
    """By default no process is started, and Ray is not needed."""
    async with helpers(Settings()):
        pass


def test_the_setting_needs_a_cluster() -> None:
    """Helpers without the address of a cluster are refused, and so are those of services that they cannot call."""
    with pytest.raises(ConfigurationInvalid, match="RAY_ADDRESS"):
        Settings(job_ray_workers=1)
    with pytest.raises(ConfigurationInvalid, match="processes of their own"):
        AllInOne(Settings(job_ray_workers=1, ray_address="auto"))
