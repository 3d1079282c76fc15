from __future__ import annotations

from infra.telemetry.metrics import process


def test_what_a_process_uses_is_within_its_limit() -> None:
    """The limit is that of the control group or the machine, and this process, which runs, is below it."""
    read = {each.of: each.value for each in process.readings()}
    assert 0 < read[process.RESIDENT] < read[process.LIMIT]
