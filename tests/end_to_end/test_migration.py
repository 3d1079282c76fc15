"""Migration by the command line: the commands of docs/how-to/migrate.md, and those that manage jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from cli.local.all_in_one import running
from cli.main import cli
from infra.models.supply import ensure_all
from infra.settings import Settings
from services.face.template.features import joined, pack
from tests.end_to_end.test_readme import ROOT, block

Biofusion = Callable[..., Result]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of jobs."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def server(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """All services, which may read and write the folder of jobs."""
    ensure_all()
    store = tmp_path_factory.mktemp("store") / "store.db"
    with running(Settings(store_url=f"sqlite:///{store}", job_folders=str(place))) as address:
        yield address


@pytest.fixture
def biofusion(server: str) -> Biofusion:
    """Runs a client command against the server."""
    return lambda *words: CliRunner().invoke(cli, [*map(str, words), "--server", server])


def person(number: int, subject_id: str = "") -> dict[str, Any]:
    """A row with the template of a made-up face."""
    vector = np.random.default_rng(number).standard_normal(128).astype(np.float32)
    vector /= np.linalg.norm(vector)
    template = pack(joined(vector, vector))
    sample = {"modality": "FACE", "template": b64encode(template.data).decode(), "model_id": template.model_id}
    return {"subject_id": subject_id or f"person-{number}", "samples": [sample]}


def written(path: Path, *rows: dict[str, Any]) -> Path:
    """A manifest."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_commands_of_the_page(server: str, place: Path, tmp_path: Path) -> None:
    """Import, reconciliation, repetition, sweep and export, as the page has them."""
    rows = [person(number) for number in range(250)]
    written(place / "people.jsonl", *rows, person(7, "person-7-again"), {"subject_id": "person-x"})
    key = X25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    (tmp_path / "private.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    commands = block("bash", (ROOT / "docs/how-to/migrate.md").read_text())
    script = f'set -euo pipefail\nbiofusion() {{ command biofusion "$@" --server {server}; }}\n{commands}'
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    words = ["bash", "-c", script]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-2000:]
    assert "251 done, 1 refused, 0 repeated of 252 rows" in (tmp_path / "import.txt").read_text()
    assert "0 done, 1 refused, 251 repeated of 252 rows" in done.stdout
    (refused,) = (tmp_path / "refused.jsonl").read_text().splitlines()
    assert (252, "FIELD_INVALID") == (int(json.loads(refused)["row"]), json.loads(refused)["reason"])
    (held,) = (tmp_path / "held.jsonl").read_text().splitlines()
    assert {"person-7", "person-7-again"} == {json.loads(held)["key"], json.loads(held)["candidates"][0]["subjectId"]}
    package = place / "out" / "person-8.biofusion"
    opened = CliRunner().invoke(
        cli, ["subject", "open", str(package), "--key", str(tmp_path / "private.pem"), "--out", str(tmp_path / "8")]
    )
    assert (0, "person-8") == (opened.exit_code, json.loads((tmp_path / "8").read_text())["subject_id"])
    wrong = CliRunner().invoke(cli, ["subject", "open", str(package), "--key", str(tmp_path / "public.pem")])
    assert 3 == wrong.exit_code


def test_jobs_are_managed(biofusion: Biofusion, place: Path) -> None:
    """A job is started, shown, listed, waited for, its results printed, and it is deleted; what is wrong has a code."""
    written(place / "few.jsonl", person(1000), person(1001))
    request_id = str(uuid.uuid4())
    started = biofusion("jobs", "import", "few.jsonl", "--gallery", "few", "--request-id", request_id)
    assert 0 == started.exit_code, started.stderr
    job = started.stdout.split()[0]
    again = biofusion("jobs", "import", "few.jsonl", "--gallery", "few", "--request-id", request_id, "--wait", "--json")
    report = json.loads(again.stdout)
    assert (job, True, "2") == (report["name"], report["done"], report["response"]["doneCount"])
    assert "2 done, 0 refused" in biofusion("jobs", "wait", job).stdout
    assert "IMPORT  DONE" in biofusion("jobs", "show", job).stdout
    assert job in biofusion("jobs", "list", "--kind", "import", "--state", "done").stdout
    assert job not in biofusion("jobs", "list", "--kind", "EXPORT").stdout
    listed = json.loads(biofusion("jobs", "list", "--json").stdout)["operations"]
    assert job in [each["name"] for each in listed]
    assert ["person-1000", "person-1001"] == [
        json.loads(line)["key"] for line in biofusion("jobs", "results", job, "--json").stdout.splitlines()
    ]
    assert 0 == biofusion("jobs", "cancel", job).exit_code
    assert 4 == biofusion("jobs", "redeliver", job).exit_code
    assert 0 == biofusion("jobs", "delete", job).exit_code
    assert 4 == biofusion("jobs", "show", job).exit_code
    assert 0 == biofusion("jobs", "expire", "--wait").exit_code
    written(place / "again.jsonl", person(1000) | {"encounter_id": "e"})
    assert 0 == biofusion("jobs", "import", "again.jsonl", "--gallery", "few", "--wait").exit_code
    assert "0 done, 0 refused, 1 repeated" in biofusion("jobs", "retemplate", "again.jsonl", "--wait").stdout
    assert 3 == biofusion("jobs", "import", "../x").exit_code
    assert 3 == biofusion("jobs", "sweep").exit_code
    assert 3 == biofusion("jobs", "export", "somewhere").exit_code
    written(place / "bad.jsonl", {"subject_id": "x"})
    failed = biofusion("jobs", "import", "bad.jsonl", "--max-refused", "0", "--wait")
    assert (4, True) == (failed.exit_code, "FAILED" in failed.stdout)
