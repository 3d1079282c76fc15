"""fusion.shadow: counts of agreement, and the file of disagreements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from biometrics.errors import ConfigurationInvalid, FieldInvalid
from fusion.decision.decision import Decision, DecisionReason, Outcome, Thresholds
from fusion.shadow import recorder as module
from fusion.shadow.decisions import Beside, Operation, OtherDecision, Pair
from fusion.shadow.recorder import Recorder

MATCH, NO_MATCH, REVIEW = Outcome.MATCH, Outcome.NO_MATCH, Outcome.REVIEW


def decision(outcome: Outcome) -> Decision:
    """A decision without evidence."""
    return Decision(outcome, 1.23456789, Thresholds(4.0, 2.0), (DecisionReason.REVIEW_BAND,), (), "sum")


def beside(other: Outcome, own: Outcome, other_id: str = "ann", own_id: str = "ann", system: str = "old-1") -> Beside:
    """An identification of both systems."""
    return Beside(OtherDecision(system, other, other_id), Operation.IDENTIFY, "default", decision(own), own_id, "r-1")


def lines(path: Path) -> list[dict[str, Any]]:
    """The disagreements."""
    return [json.loads(each) for each in path.read_text().splitlines() if each]


def test_what_differs_is_written(tmp_path: Path) -> None:
    """All pairs are counted; those that differ in outcome or subject are lines, with no biometric data."""
    path = tmp_path / "shadow.jsonl"
    recorder = Recorder(path)
    for each in (beside(MATCH, MATCH), beside(MATCH, MATCH), beside(MATCH, REVIEW), beside(MATCH, MATCH, own_id="bob")):
        recorder.record(each)
    recorder.close()
    pairs = [(MATCH, True, 2), (MATCH, False, 1), (REVIEW, True, 1)]
    assert {(Pair("old-1", Operation.IDENTIFY, MATCH, own, same), count) for own, same, count in pairs} == set(
        recorder.counts("")[0]
    )
    first, second = lines(path)
    assert first.pop("time").endswith("+00:00")
    assert {
        "request_id": "r-1",
        "system": "old-1",
        "operation": "IDENTIFY",
        "gallery": "default",
        "other_outcome": "MATCH",
        "own_outcome": "REVIEW",
        "other_subject_id": "ann",
        "own_subject_id": "ann",
        "llr": 1.234568,
        "reasons": ["REVIEW_BAND"],
    } == first
    assert "bob" == second["own_subject_id"]
    assert [0o600] * 2 == [each.stat().st_mode & 0o777 for each in sorted(tmp_path.iterdir())]


def test_counts_survive_a_restart(tmp_path: Path) -> None:
    """The next process goes on counting, system by system."""
    path = tmp_path / "shadow.jsonl"
    for system in ("old-1", "old-2", "old-1"):
        recorder = Recorder(path)
        recorder.record(beside(NO_MATCH, NO_MATCH, "", "", system))
        recorder.record(beside(NO_MATCH, MATCH, "", "ann", system))
        recorder.close()
    assert [2, 2] == [count for _, count in Recorder(path).counts("old-1")[0]]
    assert [2, 2, 1, 1] == [count for _, count in Recorder(path).counts("")[0]]
    assert 3 == len(lines(path))


def test_a_verification_is_about_the_claimed_subject() -> None:
    """The other system need not name the claimed subject; if both reject the claim, both name nobody."""
    cases = [
        (MATCH, MATCH, "", True),
        (MATCH, MATCH, "bob", False),
        (NO_MATCH, NO_MATCH, "", True),
        (MATCH, NO_MATCH, "", False),
    ]
    for other, own, named, same in cases:
        made = Beside.of_verification(OtherDecision("old", other, named), decision(own), "ann", "r")
        assert (Operation.VERIFY, same, other is own and same) == (
            made.pair.operation,
            made.pair.same_subject,
            made.pair.agrees,
        )


def test_what_cannot_be_written_is_counted(tmp_path: Path) -> None:
    """If the file cannot be written any more, decisions go on, and lines lost are counted, also after a restart."""
    path = tmp_path / "shadow.jsonl"
    recorder = Recorder(path)
    path.unlink()
    path.mkdir()
    for _ in range(3):
        recorder.record(beside(MATCH, REVIEW))
    recorder.close()
    assert ([3], 3) == ([count for _, count in recorder.counts("")[0]], recorder.counts("")[1])
    path.rmdir()
    assert 3 == Recorder(path).counts("")[1]


def test_more_than_can_wait_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disagreements beyond the queue are not kept in memory."""
    monkeypatch.setattr(module, "MOST_WAITING", 0)
    recorder = Recorder(tmp_path / "shadow.jsonl")
    recorder.record(beside(MATCH, REVIEW))
    recorder.close()
    assert (1, []) == (recorder.counts("")[1], lines(tmp_path / "shadow.jsonl"))


def test_a_torn_line_is_ended(tmp_path: Path) -> None:
    """A line that was cut off by the end of a process does not swallow the next one."""
    path = tmp_path / "shadow.jsonl"
    path.write_bytes(b'{"time":"20')
    recorder = Recorder(path)
    recorder.record(beside(MATCH, REVIEW))
    recorder.close()
    assert "old-1" == json.loads(path.read_text().splitlines()[1])["system"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version":2}',
        b'{"version":1,"unwritten":0,"counts":[["a","X","MATCH","MATCH",true,1]]}',
        b"\xff",
    ],
)
def test_a_damaged_file_of_counts_is_told(tmp_path: Path, content: bytes) -> None:
    """The service does not start with wrong counts, and says which file to move away."""
    (tmp_path / "shadow.jsonl.counts").write_bytes(content)
    with pytest.raises(ConfigurationInvalid, match=r"shadow\.jsonl\.counts"):
        Recorder(tmp_path / "shadow.jsonl")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The setting is checked at the start."""
    with pytest.raises(ConfigurationInvalid, match="BIOFUSION_SHADOW_FILE"):
        Recorder(tmp_path / "nowhere" / "shadow.jsonl")


def test_systems_are_few(tmp_path: Path) -> None:
    """A hundred systems are told apart; callers cannot fill the memory with more, and known ones go on."""
    recorder = Recorder(tmp_path / "shadow.jsonl")
    for number in range(100):
        recorder.record(beside(MATCH, MATCH, system=f"s{number}"))
    recorder.require_room(OtherDecision("s7", MATCH))
    with pytest.raises(FieldInvalid, match="100 other systems"):
        recorder.require_room(OtherDecision("s100", MATCH))
    recorder.close()


@pytest.mark.parametrize(
    ("system", "subject_id"), [("", ""), ("a b", ""), ("x" * 65, ""), ("old\n", ""), ("old", "a b")]
)
def test_a_decision_that_is_not_valid_is_refused(system: str, subject_id: str) -> None:
    """The error names the field."""
    with pytest.raises(FieldInvalid, match="other_decision"):
        OtherDecision(system, MATCH, subject_id)
