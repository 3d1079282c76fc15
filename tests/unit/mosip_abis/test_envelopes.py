"""What the data share encrypts for a partner."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.mosip_abis.share.envelopes import SPLITTER, EnvelopeInvalid, Envelopes, read_envelopes
from biometrics.errors import ConfigurationInvalid
from tests.support.mosip_abis.envelopes import Form, PartnerKey, encrypted

KEY = PartnerKey()


@pytest.mark.parametrize("form", Form)
def test_forms(form: Form) -> None:
    """All forms are opened, with padding of the base64 or without."""
    for text in (b"", b"<BIR/>", SPLITTER * 3):
        envelope = encrypted(text, KEY, form)
        assert text == Envelopes(KEY.private).opened(envelope) == Envelopes(KEY.private).opened(envelope.rstrip(b"="))


@pytest.mark.parametrize("form", Form)
def test_damaged(form: Form) -> None:
    """What was changed, cut or is for another key is not opened."""
    envelope = encrypted(b"<BIR/>" * 20, KEY, form)
    changed = bytearray(envelope)
    changed[-30] = ord("A") if changed[-30] != ord("A") else ord("B")
    for each in (bytes(changed), envelope[:-8], envelope[:200], b"", b"no base64 !", b"<BIR/>"):
        with pytest.raises(EnvelopeInvalid):
            Envelopes(KEY.private).opened(each)
    with pytest.raises(EnvelopeInvalid):
        Envelopes(PartnerKey().private).opened(envelope)


def test_files(tmp_path: Path) -> None:
    """The key is read from a PKCS#12 file with its password; without, or with another, it is refused."""
    (tmp_path / "partner.p12").write_bytes(KEY.file(b"password"))
    (tmp_path / "password").write_text("password\n")
    (tmp_path / "other").write_text("another")
    file = str(tmp_path / "partner.p12")
    envelopes = read_envelopes(file, str(tmp_path / "password"))
    assert b"<BIR/>" == envelopes.opened(encrypted(b"<BIR/>", KEY, Form.SINCE_1_2))
    for password in (str(tmp_path / "other"), "", str(tmp_path / "absent")):
        with pytest.raises(ConfigurationInvalid, match="PARTNER_FILE"):
            read_envelopes(file, password)
