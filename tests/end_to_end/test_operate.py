"""The commands of docs/how-to/operate.md, as an operator types them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from tests.end_to_end.test_readme import block
from tests.support.builders import enrolment
from tests.support.stores.sqlite_store import sqlite_store
from tests.support.supply.earlier_versions import ROOT, modules_of


async def test_back_up_restore_rotate(tmp_path: Path) -> None:
    """The store is backed up, restored, found in order, and its keys are rotated."""
    store = sqlite_store(tmp_path / "store.db")
    for subject_id in ("ann", "bob"):
        await store.enroll(enrolment(subject_id))
    await store.close()
    commands = block("bash", (ROOT / "docs/how-to/operate.md").read_text())
    script = f'set -euo pipefail\nbiofusion() {{ python -m cli "$@"; }}\n{commands}\nbiofusion gallery verify'
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    settings = modules_of(ROOT) | {"BIOFUSION_STORE_URL": f"sqlite:///{tmp_path / 'store.db'}", "PATH": path}
    key_before = (tmp_path / "store.db.key").read_bytes()
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-2000:]
    assert 2 == done.stdout.count("2 subjects with 2 references are in order.")
    assert key_before != (tmp_path / "store.db.key").read_bytes()
