"""`biofusion audit …` on chains in files."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audit.keyed_hashes import HashKeys
from audit.lines import OPEN, body
from audit.tail import Tail
from cli.main import cli
from fusion.configured import fusion_model
from fusion.models.facts import facts_of
from fusion.wire.answers import decision_to_wire
from infra.settings import Settings
from tests.support.audit.chains import TIME, Keys, lines, put, write_chain


def run(*words: object, exit_code: int = 0) -> Result:
    """Run a command of the group, which must exit with this code."""
    result = CliRunner().invoke(cli, ["audit", *map(str, words)])
    assert exit_code == result.exit_code, result.output
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an audit log, named by the settings, beside its keys."""
    run("keygen", "--signing-key", tmp_path / "key.pem", "--key-file", tmp_path / "hash.keys")
    monkeypatch.setenv("BIOFUSION_AUDIT_FOLDER", str(tmp_path / "log"))
    monkeypatch.setenv("BIOFUSION_AUDIT_KEY_FILE", str(tmp_path / "hash.keys"))
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def keys_of(folder: Path) -> Keys:
    """The signing key beside a folder."""
    return Keys(folder.parent / "key.pem", folder.parent / "key.pem.pub")


def write(folder: Path, *records: dict[str, Any]) -> None:
    """A chain that begins with the start of a process, with these records of calls."""
    tail = Tail(folder / "one", "one")
    draft = tail.draft()
    draft.add(OPEN, body({"time": TIME, "model": facts_of(fusion_model(Settings()))}))
    for each in records:
        draft.add("CALL", body(each))
    tail.commit(draft)
    tail.close()


def test_verify_says_whether_all_is_in_order(folder: Path) -> None:
    """Exit code 0; and 4 with each fault, if a record was changed, or cut off after a head that was kept."""
    write_chain(folder, keys_of(folder), 30)
    head = folder.parent / "head"
    head.write_text(run("head").stdout)
    public = ("--public-key", folder.parent / "key.pem.pub")
    assert "33 records in 1 chains are in order" in run("verify", *public, "--head", head).stdout
    put(folder / "one", lines(folder / "one")[:20])
    assert "in order" in run("verify", *public).stdout
    assert "TRUNCATED    one/20: " in run("verify", *public, "--head", head, exit_code=4).stdout
    put(folder / "one", [line.replace(b"id-5", b"id-6") for line in lines(folder / "one")])
    found = json.loads(run("verify", *public, "--json", exit_code=4).stdout)
    assert [("CHANGED", "one/7")] == [(each["kind"], each["where"]) for each in found["faults"]]


def test_what_verify_cannot_use_is_wrong_usage(folder: Path) -> None:
    """No public key, a file without a head, and a folder that is not there."""
    write_chain(folder, keys_of(folder), 3)
    public = ("--public-key", folder.parent / "key.pem.pub")
    run("verify", exit_code=3)
    run("verify", *public, "--head", folder.parent / "key.pem", exit_code=3)
    run("verify", *public, "--folder", folder / "none", exit_code=3)


def test_the_records_asked_for_are_exported(folder: Path) -> None:
    """As JSON Lines, by time, method, outcome, caller, case, and by a subject through its keyed hash."""
    subject = HashKeys.load(folder.parent / "hash.keys").present.hash("subject", "anna")
    call = {"method": "/a.B/VerifySubject", "caller": "desk", "case": "c", "status": "OK", "outcome": "MATCH"}
    write(
        folder,
        {"time": "2026-01-01T00:00:00.000Z", **call, "request": {"subject_id": subject}},
        {"time": "2026-02-01T00:00:00.000Z", "method": "/a.B/GetSubject", "status": "NOT_FOUND"},
    )
    for words, numbers in (
        (("--subject", "anna"), [2]),
        (("--subject", "berta"), []),
        (("--since", "2026-01-15"), [3]),
        (("--until", "2026-01-02", "--caller", "desk", "--case", "c"), [2]),
        (("--method", "VerifySubject", "--outcome", "MATCH"), [2]),
        (("--outcome", "NOT_FOUND"), [3]),
        ((), [0, 1, 2, 3]),
    ):
        exported = [json.loads(line) for line in run("export", *words).stdout.splitlines()]
        assert [f"one/{number}" for number in numbers] == [each["record"] for each in exported]


def test_a_decision_is_explained(folder: Path) -> None:
    """By the number of its record or its request id: EQUAL, or what differs, with exit code 4."""
    model = fusion_model(Settings())
    decision = decision_to_wire(model.verification((), None))
    first = b64encode(decision.SerializeToString()).decode()
    decision.llr = 3.0
    second = b64encode(decision.SerializeToString()).decode()
    write(folder, *({"id": f"id-{n}", "response": {"decision": each}} for n, each in enumerate((first, second))))
    assert "REVIEW, llr 0.000: EQUAL" in run("explain", "one/2").stdout
    assert "llr was 3.0 and is 0" in run("explain", "id-1", exit_code=4).stdout
    told = json.loads(run("explain", "id-0", "--json").stdout)["records"][0]
    assert (True, "id-0") == (told["decisions"][0]["isEqual"], told["record"]["id"])
    assert "There is no decision in it" in run("explain", "one/1").stdout
    run("explain", "one/9", exit_code=3)


def test_keys_are_made_once_and_periods_begin(folder: Path) -> None:
    """A signing key is not written over; a key of hashes is added to those before."""
    run("keygen", "--signing-key", folder.parent / "key.pem", exit_code=3)
    run("keygen", "--key-file", folder.parent / "hash.keys")
    assert 2 == len((folder.parent / "hash.keys").read_text().splitlines())
    run("keygen", exit_code=3)
