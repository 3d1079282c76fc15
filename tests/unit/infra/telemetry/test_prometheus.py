from __future__ import annotations

import ssl
import urllib.request
from pathlib import Path

import pytest

from infra.settings import Settings
from infra.telemetry.prometheus import Endpoint
from tests.support.tls import Authority, Certificate


def scraped(port: int, authority: Authority) -> int:
    """The status of a scrape that trusts an authority."""
    context = ssl.create_default_context(cafile=str(authority.certificate))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(f"https://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return int(answer.status)


def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    """The next scrape sees the files of now; while only one of both is replaced, the last good ones are shown."""
    first, second = (Authority.make(tmp_path, name) for name in ("first", "second"))
    shown = Certificate(tmp_path / "tls.crt", tmp_path / "tls.key")
    old, new = (each.sign(f"of-{number}", "IP:127.0.0.1") for number, each in enumerate((first, second)))
    shown.certificate.write_bytes(old.certificate.read_bytes())
    shown.key.write_bytes(old.key.read_bytes())
    endpoint = Endpoint(
        Settings(host="127.0.0.1", metrics_port=0, tls_certificate=str(shown.certificate), tls_key=str(shown.key))
    )
    try:
        assert 200 == scraped(endpoint.port, first)
        shown.certificate.write_bytes(new.certificate.read_bytes())
        assert 200 == scraped(endpoint.port, first)
        shown.key.write_bytes(new.key.read_bytes())
        assert 200 == scraped(endpoint.port, second)
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            scraped(endpoint.port, first)
    finally:
        endpoint.close()
