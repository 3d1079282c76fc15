"""The adapter's settings for tests, and waiting until it takes messages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
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
