from __future__ import annotations

from pathlib import Path

import pytest

from audit.heads import Head, heads_in
from audit.keyed_hashes import HashKeys, add_key
from audit.lines import GENESIS
from audit.signing import SigningKey, make, public_keys
from biometrics.errors import ConfigurationInvalid


def test_a_head_is_believed_if_its_key_is_trusted_and_nothing_in_it_was_changed(tmp_path: Path) -> None:
    """It is found among other lines of a log; another number, or another key, is not what was signed."""
    public, other = make(tmp_path / "one.pem"), make(tmp_path / "other.pem")
    key = SigningKey.load(tmp_path / "one.pem")
    head = Head.signed(key, "c", "one", 7, GENESIS, "2026-01-02T03:04:05.678Z", closed=False)
    text = ["first line", f"INFO audit head {head.json}", head.json.replace('"n":7', '"n":8'), '{"kind":"HEAD",}']
    found, changed = heads_in(text)
    assert head == found
    assert [True, False, False] == [
        found.is_by(public_keys((public,))),
        changed.is_by(public_keys((public,))),
        found.is_by(public_keys((other,))),
    ]


def test_files_that_are_no_keys_are_refused(tmp_path: Path) -> None:
    """Other text, a key of another kind, and files that are not there; a key file is not written over."""
    (tmp_path / "text").write_text("no key")
    for path in (tmp_path / "text", tmp_path / "none", make(tmp_path / "key.pem")):
        with pytest.raises(ConfigurationInvalid):
            SigningKey.load(path)
    for path in (tmp_path / "text", tmp_path / "none", tmp_path / "key.pem"):
        with pytest.raises(ConfigurationInvalid):
            public_keys((path,))
        with pytest.raises(ConfigurationInvalid):
            HashKeys.load(path)
    with pytest.raises(ConfigurationInvalid):
        make(tmp_path / "key.pem")
    assert 0o600 == (tmp_path / "key.pem").stat().st_mode & 0o777


def test_an_id_has_another_hash_in_each_period_and_of_each_kind(tmp_path: Path) -> None:
    """A period begins with a new key; those of before find the id's older records, until their line is deleted."""
    path = tmp_path / "keys"
    add_key(path)
    first = HashKeys.load(path).present.hash("subject", "anna")
    add_key(path)
    keys = HashKeys.load(path)
    second = keys.present.hash("subject", "anna")
    assert ({first, second}, 2) == (keys.every("subject", "anna"), len({first, second}))
    assert second not in (keys.present.hash("encounter", "anna"), keys.present.hash("subject", "anne"))
    path.write_text(path.read_text().splitlines()[1] + "\n")
    assert {second} == HashKeys.load(path).every("subject", "anna")
    assert 0o600 == path.stat().st_mode & 0o777
