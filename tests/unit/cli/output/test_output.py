from __future__ import annotations

import json

import pytest
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import sample_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from cli.output.failures import Failure
from cli.output.output import print_json, to_dict

NAMES = [f"measure_{number:02}" for number in range(40)]


def _report() -> subjects_pb2.SampleReport:
    measures = dict.fromkeys(reversed(NAMES), 1.0)
    return subjects_pb2.SampleReport(quality=sample_pb2.Quality(value=50.0, measures=measures))


def test_the_keys_of_a_map_are_printed_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """The measures of a quality are printed by name."""
    print_json(_report())
    assert NAMES == list(json.loads(capsys.readouterr().out)["quality"]["measures"])


def test_maps_within_repeated_messages_are_in_order() -> None:
    """So are maps in messages of a list; other fields keep their values."""
    answer = subjects_pb2.EnrollSubjectResponse(reports=[_report(), _report()])
    assert [NAMES, NAMES] == [list(each["quality"]["measures"]) for each in to_dict(answer)["reports"]]
    encounter = subjects_pb2.Encounter(encounter_id="e", create_time=Timestamp(seconds=1))
    assert ("e", "1970-01-01T00:00:01Z") == (to_dict(encounter)["encounterId"], to_dict(encounter)["createTime"])


def test_the_facts_of_a_failure_are_in_order() -> None:
    """The metadata of a failure are printed by name."""
    printed = json.loads(Failure(3, "R", "m", dict.fromkeys(reversed(NAMES), "x")).to_json())
    assert NAMES == list(printed["error"]["metadata"])
