from __future__ import annotations

import json
from math import log10
from pathlib import Path

import click
import pytest
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2
from click.testing import CliRunner

from cli.fusion.arithmetic import REASONS, arithmetic
from cli.fusion.explain import decide, named, read
from cli.main import cli
from cli.output.output import to_dict
from fusion.decision.decision import DecisionReason
from fusion.models.caller_scores import JointModel
from tests.support.fake_fusion import FakeFusion
from tests.unit.cli.output.test_tables import a_decision
from tests.unit.fusion.world import model

JOINT = JointModel(FakeFusion(), model())
NO_MODEL = "cannot be read as a fusion model ({}). State as --model the file that `biofusion fusion fit` wrote."
NEEDS_MODEL = "Scores need --model: the file that `biofusion fusion fit` wrote, to decide them by."


def explained(path: Path, *options: str) -> str:
    """Run the command; returns its output with single spaces between words."""
    result = CliRunner().invoke(cli, ["fusion", "explain", str(path), *options])
    assert 0 == result.exit_code, result.output
    return " ".join(result.stdout.split())


@pytest.fixture
def identification(tmp_path: Path) -> Path:
    """A file as `identify --json` prints it, with an eye that is the best of ten comparisons."""
    decision = a_decision()
    decision.evidence[0].comparison_count = 10
    found = decisions_pb2.IdentifySubjectsResponse(
        decision=decision,
        subject_id="p7",
        searched_subject_count=20,
        candidates=[decisions_pb2.RankedSubject(subject_id="p7", rank=1, decision=decision, posterior=0.99)],
        none_posterior=0.01,
        runner_up_gap_llr=3.25,
    )
    path = tmp_path / "found.json"
    path.write_text(json.dumps(to_dict(found)))
    return path


def test_the_arithmetic_of_an_identification(identification: Path) -> None:
    """The output has score, LLR, charge, sum, thresholds with their derivation, outcome, reasons and probabilities."""
    shown = explained(identification)

    for part in (
        "MATCH",
        "IRIS UNKNOWN as LEFT_EYE iris-1 0.812 77 +5.50 10 -1.00 +4.50",
        "FINGERPRINT RIGHT_INDEX adds nothing: PROBE_MISSING: BANDAGED",
        "Sum +4.50, correction for dependence +0.00: fused LLR +4.50.",
        "MATCH from 3.30 = log10(20 subjects) -log10(FPIR 0.01), REVIEW from 1.30: the fused LLR alone says MATCH.",
        f"STRONG_EVIDENCE: {REASONS['STRONG_EVIDENCE']}",
        "by the rates observed on data: not known of this model",
        "p7 99.00%, nobody of the gallery 1.00%. The next subject's LLR is 3.25 lower.",
    ):
        assert part in shown


def test_for_machines(identification: Path) -> None:
    """With --json the same steps are printed as JSON."""
    steps = json.loads(explained(identification, "--json"))

    assert (4.5, 4.5, "MATCH", "FPIR") == (steps["sum_llr"], steps["llr"], steps["band"], steps["target"])
    assert ["STRONG_EVIDENCE", "SAMPLE_UNUSABLE"] == [each["reason"] for each in steps["reasons"]]
    assert pytest.approx(0.99) == steps["posterior"]


def test_other_answers_are_read_too() -> None:
    """The answer of a verification, and a decision on its own, are read too."""
    decision = a_decision()

    assert decision == read(json.dumps(to_dict(decision)))[0]
    assert decision == read(json.dumps(to_dict(decisions_pb2.VerifySubjectResponse(decision=decision))))[0]


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", '{"decision": 7}', '{"outcome": "MAYBE"}', "[" * 100_000])
def test_a_text_without_a_decision_is_wrong_usage(tmp_path: Path, text: str) -> None:
    """A text without a decision gives one sentence and exit code 3."""
    path = tmp_path / "x.json"
    path.write_text(text)
    result = CliRunner().invoke(cli, ["fusion", "explain", str(path)])

    assert (3, "") == (result.exit_code, result.stdout)
    assert "decision" in result.stderr


def test_scores_by_a_model() -> None:
    """A model's decision shows the LLR of every comparator alone, its charge, and the correction for dependence."""
    steps = arithmetic(decide(JOINT, [("a", 5.0), ("b", 4.0)], {"a": 10}, {"b": 55.0}, 1e-3))

    assert [("a", 5.0, 10, 4.0), ("b", 4.0, 1, 4.0)] == [
        (each["comparator"], each["llr_alone"], each["best_of"], each["llr"]) for each in steps["comparisons"]
    ]
    assert (8.0, -4.5, 3.5, "FMR", 1e-3) == (
        steps["sum_llr"],
        steps["dependence_llr"],
        steps["llr"],
        steps["target"],
        steps["rate"],
    )
    assert pytest.approx(-log10(1e-3)) == steps["match_threshold_llr"]


def test_a_count_of_a_score_that_is_not_there() -> None:
    """A count for a score that was not given is refused by name."""
    with pytest.raises(click.UsageError, match="no score of b"):
        decide(JOINT, [("a", 5.0)], {"b": 2}, {}, None)


@pytest.mark.parametrize(("text", "expected"), [("a=1", ("a", 1.0)), ("x=y=-2.5e3", ("x=y", -2500.0))])
def test_names_and_numbers(text: str, expected: tuple[str, float]) -> None:
    """NAME=NUMBER is split at the last equals sign."""
    assert expected == named(text)


@pytest.mark.parametrize("text", ["a", "a=", "=1", "a=b", ""])
def test_a_text_that_is_no_name_and_number(text: str) -> None:
    """A text of another form is quoted in the error."""
    with pytest.raises(click.UsageError, match="NAME=NUMBER"):
        named(text)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model", "none.json", "a=0.4"], f"none.json {NO_MODEL.format('no such file or directory')}"),
        (["--model", ".", "a=0.4"], f". {NO_MODEL.format('is a directory')}"),
        (["a=0.4"], NEEDS_MODEL),
        (["a=0.4", "b=1"], NEEDS_MODEL),
        (["a.json", "b.json"], "State one file with a decision, or --model and its scores."),
        (["none.json"], "none.json: No such file or directory. Check the path and its permissions."),
        (["binary.json"], "This is no decision as `verify --json` or `identify --json` print it."),
    ],
)
def test_what_is_missing_is_told(words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its model or its file, explain ends with one sentence on what is missing and what to state."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    result = CliRunner().invoke(cli, ["fusion", "explain", *words])
    assert (3, told) == (result.exit_code, result.stderr.splitlines()[-1])


def test_every_reason_has_words() -> None:
    """The reasons of the domain, of the protos and of the explanations are the same."""
    wire = {name.removeprefix("DECISION_REASON_") for name in decision_pb2.DecisionReason.DESCRIPTOR.values_by_name} - {
        "UNSPECIFIED"
    }

    assert wire == set(map(str, DecisionReason)) == set(REASONS)


def test_help_lists_the_subcommands() -> None:
    """Help lists the subcommands without importing them."""
    shown = CliRunner().invoke(cli, ["fusion", "--help"]).output

    assert all(name in shown for name in ("fit", "evaluate", "explain"))
