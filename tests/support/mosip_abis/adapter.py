"""The adapter's settings for tests, and waiting until it takes messages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path

import httpx
from adapters.mosip_abis.app import build

from infra.settings import Settings
from tests.support.adapters.running import running_adapter
from tests.support.mosip_abis.broker import PASSWORD, USER
from tests.support.mosip_abis.envelopes import PartnerKey
from tests.support.mosip_abis.share import APP, CLIENT, SECRET, Share

WAIT_S = 60.0
KEY = b"k" * 32


def settings_of(folder: Path, fusion: str, broker: str, share: Share, key: PartnerKey | None = None) -> Settings:
    """Settings of an adapter whose files are in this folder; with a partner's key it decrypts what is shared."""
    files = {"key": KEY, "password": PASSWORD.encode(), "secret": SECRET.encode()}
    if key is not None:
        files |= {"partner.p12": key.file(b"of the file"), "partner.password": b"of the file\n"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    partner = {"mosip_abis_partner_file": "partner.p12", "mosip_abis_partner_password_file": "partner.password"}
    return Settings(
        adapter_port=0,
        adapter_fusion_target=fusion,
        mosip_abis_broker=broker,
        mosip_abis_user=USER,
        mosip_abis_password_file=str(folder / "password"),
        mosip_abis_database=str(folder / "abis.db"),
        mosip_abis_key_file=str(folder / "key"),
        mosip_abis_share_origins=share.origin,
        mosip_abis_auth_url=share.login_url,
        mosip_abis_client_id=CLIENT,
        mosip_abis_secret_file=str(folder / "secret"),
        mosip_abis_app_id=APP,
        drain_s=1.0,
        **({name: str(folder / value) for name, value in partner.items()} if key else {}),  # type: ignore[arg-type]
    )


@contextmanager
def running_abis(settings: Settings) -> Iterator[str]:
    """An adapter in a thread of this process that takes messages; its address."""
    with running_adapter(settings, build) as address:
        wait_until_ready(address)
        yield address


def wait_until_ready(address: str, code: int = 200) -> None:
    """Return when the adapter's health is so; it is an error after a minute."""
    deadline = time.monotonic() + WAIT_S
    with httpx.Client(base_url=address, trust_env=False) as client:
        while client.get("/health").status_code != code:
            assert time.monotonic() < deadline
            time.sleep(0.005)


class AbisProcess:
    """`biofusion mosip-abis` in a process of its own, which can be killed and started again.

    Args:
        settings: of the adapter; those that are not the default are its environment.
        log: file of what it says.
    """

    def __init__(self, settings: Settings, log: Path) -> None:
        default = asdict(Settings())
        changed = {each.name: getattr(settings, each.name) for each in fields(settings)}
        own = {f"BIOFUSION_{name.upper()}": str(value) for name, value in changed.items() if value != default[name]}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BIOFUSION_")}
        self._environment = {**inherited, **own, "PYTHONUNBUFFERED": "1"}
        self._log = log
        self.popen: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self) -> None:
        """Start it; returns when its health page is there."""
        command = [sys.executable, "-m", "cli", "mosip-abis"]
        with self._log.open("ab") as log:
            self.popen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=self._environment)
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        assert "Listening on" in line, self._log.read_text(encoding="utf-8")[-2000:]
        self.address = line.split()[2].removesuffix(".")

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and return when it has ended."""
        if self.popen is not None and self.popen.stdout is not None:
            self.popen.send_signal(number)
            self.popen.wait(WAIT_S)
            self.popen.stdout.close()
        self.popen = None
