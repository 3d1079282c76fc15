"""The contracts as other languages and older libraries meet them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROTOS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "protos").rglob("*.proto"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
JAR = Path("/usr/share/java/protobuf.jar")
"""Where Debian's libprotobuf-java puts it."""


def lowest(requirements: list[str], sign: str) -> dict[str, tuple[int, ...]]:
    """Name → version of the requirements with this sign, padded to three numbers."""
    pairs = [each.split("[")[0].split(sign) for each in requirements if sign in each]
    return {name: (*map(int, version.split(".")), 0, 0)[:3] for name, version in pairs}


def test_the_folder_of_contracts_is_enough_for_protoc(tmp_path: Path) -> None:
    """`protoc -I protos` finds all that the contracts import."""
    words = [sys.executable, "-m", "grpc_tools.protoc", "-I", "protos", f"--descriptor_set_out={tmp_path / 'all'}"]
    done = subprocess.run([*words, *PROTOS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)


def test_a_java_client_is_compiled(tmp_path: Path) -> None:
    """By the line in docs/how-to/write-a-client.md."""
    if not (shutil.which("protoc") and shutil.which("javac") and JAR.is_file()):
        pytest.skip("protoc, javac or protobuf.jar is not there: apt-get install protobuf-compiler libprotobuf-java")
    subprocess.run(["protoc", "-I", "protos", f"--java_out={tmp_path}", *PROTOS], cwd=ROOT, check=True)
    sources = list(tmp_path.rglob("*.java"))
    subprocess.run(["javac", "-nowarn", "-cp", JAR, "-d", tmp_path / "classes", *sources], check=True)
    assert (tmp_path / "classes" / "biofusion" / "fusion" / "v1" / "Decisions.class").is_file()


def test_generated_code_runs_on_the_oldest_versions_that_are_stated() -> None:
    """What generated code asks for is not more than pyproject.toml promises; `make oldest` tries it."""
    stated = lowest(PROJECT["project"]["dependencies"], ">=")
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gen").rglob("*.py"))
    protobuf = {tuple(map(int, each.split("."))) for each in re.findall(r"Protobuf Python Version: ([\d.]+)", text)}
    grpcio = {tuple(map(int, each.split("."))) for each in re.findall(r"GRPC_GENERATED_VERSION = '([\d.]+)'", text)}
    assert protobuf
    assert grpcio
    assert max(protobuf) <= stated["protobuf"]
    assert max(grpcio) <= stated["grpcio"]


def test_the_oldest_versions_are_those_that_are_stated() -> None:
    """The environment that generates and tries the code has the lower bounds of the dependencies."""
    stated = lowest(PROJECT["project"]["dependencies"], ">=")
    pinned = lowest(PROJECT["dependency-groups"]["oldest"], "==")
    shared = stated.keys() & pinned.keys()
    assert {"grpcio", "protobuf", "googleapis-common-protos"} <= shared
    assert {name: stated[name] for name in shared} == {name: pinned[name] for name in shared}
