from __future__ import annotations

from pathlib import Path

import pytest

from audit.keyed_hashes import add_key
from audit.reading import records
from biometrics.errors import AuditUnavailable, ConfigurationInvalid
from fusion.configured import fusion_model
from fusion.models.facts import facts_of
from fusion.wire.witness.opening import open_audit, recorded
from infra.identity.visit import Visit
from infra.serving.server import Registration
from infra.settings import Settings
from tests.support.audit.chains import Keys

MODEL = fusion_model(Settings())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a process that keeps a log."""
    keys = Keys.make(tmp_path)
    add_key(tmp_path / "hash.keys")
    return Settings(
        audit_folder=str(tmp_path / "log"),
        audit_instance="one",
        audit_key_file=str(tmp_path / "hash.keys"),
        audit_signing_key_file=str(keys.private),
    )


async def test_a_process_says_what_it_decides_by(settings: Settings) -> None:
    """At its start; its services are ready as long as the log can be written, and calls fail when it cannot be."""
    audit = open_audit(settings, MODEL)
    assert audit is not None
    (service,) = recorded([Registration("a.B", lambda _: None)], audit)
    assert service.is_ready()
    assert facts_of(MODEL) == next(each.start["model"] for each in records(Path(settings.audit_folder)) if each.start)
    audit.log.close()
    with pytest.raises(AuditUnavailable):
        await audit.calls.answered(Visit(), "/a.B/C", None, None)


def test_a_process_without_a_folder_keeps_no_log() -> None:
    """Its services are as they were."""
    service = Registration("a.B", lambda _: None)
    assert (None, [service]) == (open_audit(Settings(), MODEL), recorded([service], None))


@pytest.mark.parametrize("missing", ["audit_key_file", "audit_signing_key_file"])
def test_both_keys_are_needed(settings: Settings, missing: str) -> None:
    """Without one of them, or with a file that is not there, no log is begun."""
    values = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    for value in ("", "/nowhere/key"):
        with pytest.raises(ConfigurationInvalid):
            open_audit(Settings(**values | {missing: value}), MODEL)
    assert not Path(settings.audit_folder).exists()
