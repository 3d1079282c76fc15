"""Certificates for tests, made by the openssl of this machine."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificate:
    """Two PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority(Certificate):
    """Signs certificates in its folder."""

    @classmethod
    def make(cls, folder: Path, name: str) -> Authority:
        """Make an authority; the test is skipped without openssl."""
        if not shutil.which("openssl"):
            pytest.skip("openssl is not there")
        made = cls(folder / f"{name}.pem", folder / f"{name}.key")
        files = ("-keyout", made.key, "-out", made.certificate)
        _openssl("req", "-x509", *_KEY, *files, "-days", "2", "-subj", f"/CN={name}")
        return made

    def sign(self, name: str, subject: str, days: int = 2) -> Certificate:
        """A certificate for a subject, e.g. `DNS:localhost`; expired if the days are negative."""
        made = Certificate(*(self.key.with_name(f"{name}.{ending}") for ending in ("pem", "key")))
        request, extension = (self.key.with_name(f"{name}.{ending}") for ending in ("csr", "ext"))
        extension.write_text(f"subjectAltName={subject}\n")
        _openssl("req", *_KEY, "-keyout", made.key, "-out", request, "-subj", f"/CN={name}")
        signer = ("-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial")
        _openssl(
            "x509", "-req", "-in", request, *signer, "-out", made.certificate, "-extfile", extension, "-days", str(days)
        )
        return made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
