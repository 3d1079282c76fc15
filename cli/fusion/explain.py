"""`biofusion fusion explain`: show the arithmetic of one decision."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2
from google.protobuf.json_format import ParseDict, ParseError

from biometrics.score_fusion.fusion import ScoreFusion
from cli.fusion.arithmetic import arithmetic
from cli.fusion.command_line import read_model
from cli.fusion.steps import steps
from cli.output.output import console, json_option, print_json
from cli.output.tables import show
from evaluation.fusion.pattern_names import described
from fusion.configured import fusion_model
from fusion.models.caller_scores import JointModel
from fusion.wire.answers import decision_to_wire
from fusion.wire.requests import scores_from_wire
from infra.settings import Settings

Answer = tuple[decision_pb2.Decision, decisions_pb2.IdentifySubjectsResponse | None]


@click.command("explain")
@click.argument("what", nargs=-1, required=True, metavar="DECISION.json | NAME=SCORE...")
@click.option("--model", type=click.Path(path_type=Path), help="Fusion model to decide by, as `fusion fit` writes it.")
@click.option("--best-of", multiple=True, metavar="NAME=K", help="How many comparisons a score is the best of.")
@click.option("--quality", multiple=True, metavar="NAME=Q", help="Quality of a score's sample, 0 to 100.")
@click.option("--fmr", type=float, help="With --model: false match rate to decide at; default: BIOFUSION_FMR.")
@json_option
def command(
    what: Sequence[str],
    *,
    model: Path | None,
    best_of: Sequence[str],
    quality: Sequence[str],
    fmr: float | None,
    as_json: bool,
) -> None:
    """Show the arithmetic of one decision: scores, LLRs, charges, sum, thresholds, outcome and why.

    DECISION.json holds what `verify --json`, `identify --json` or `compare --json` printed, or what FuseScores
    answered; `-` reads it from standard input. With --model the decision is taken here, of the scores named, without
    a server.
    """
    if model:
        scores, counts, qualities = (list(map(named, each)) for each in (what, best_of, quality))
        joint = JointModel(read_model(model), fusion_model(Settings.from_environment()))
        answer: Answer = decide(joint, scores, dict(counts), dict(qualities), fmr), None
        facts = carried(joint.fusion, answer[0])
    else:
        facts = {}
        answer = read(_text(what))
    explained = arithmetic(*answer) | facts
    if as_json:
        print_json(explained)
    else:
        show(console(), *steps(explained))


def decide(
    joint: JointModel,
    scores: Sequence[tuple[str, float]],
    best_of: dict[str, float],
    quality: dict[str, float],
    fmr: float | None,
) -> decision_pb2.Decision:
    """Decide as FuseScores does.

    Raises:
        ComparatorUncalibrated: a name that the model does not know.
        FieldInvalid: a score that is not finite, a count, quality or rate out of range.
        UsageError: a count or quality of a score that is not there.
    """
    if stray := {*best_of, *quality} - {name for name, _ in scores}:
        raise click.UsageError(f"There is no score of {min(stray)}.")
    counts = {name: int(count) for name, count in best_of.items()}
    wire = [
        decisions_pb2.NamedScore(
            comparator_id=name, score=score, comparison_count=counts.get(name), quality=quality.get(name)
        )
        for name, score in scores
    ]
    return decision_to_wire(joint.verification(joint.merged(scores_from_wire(wire, joint)), fmr))


def carried(model: ScoreFusion, decision: decision_pb2.Decision) -> dict[str, Any]:
    """The training data behind a model's answer to just these scores; empty where nothing has a score."""
    both = np.full((2, 1, len(model.comparators)), np.nan)
    for each in decision.evidence:
        quality = each.quality if each.HasField("quality") else np.nan
        both[:, 0, model.comparators.index(each.comparison.comparator_id)] = each.comparison.score, quality
    part = model.part(model.pattern(*both))
    if not part:
        return {}
    by = model.patterns[part]
    lowest = {"lowest_fmr": by.lowest_fmr, "max_llr": by.llr_max}
    return {"carried_by": {"scores": described(model.comparators, part), **asdict(by.counts), **lowest}}


def _text(what: Sequence[str]) -> str:
    """The text of the file with a decision, or of standard input for `-`.

    Raises:
        UsageError: scores, which need a model; more than one file.
        OSError: the file cannot be read.
    """
    if what[0] == "-" and len(what) == 1:
        return sys.stdin.read()
    if all("=" in each and not Path(each).exists() for each in what):
        raise click.UsageError("Scores need --model: the file that `biofusion fusion fit` wrote, to decide them by.")
    if len(what) > 1:
        raise click.UsageError("State one file with a decision, or --model and its scores.")
    return Path(what[0]).read_text("utf-8", errors="replace")  # what is no text is no decision


def named(text: str) -> tuple[str, float]:
    """`NAME=NUMBER`, split at the last `=`.

    Raises:
        UsageError: the text has another form.
    """
    name, _, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        name, value = "", 0.0
    if not name:
        raise click.UsageError(f"{text!r} is no NAME=NUMBER.")
    return name, value


def read(text: str) -> Answer:
    """Read a decision from JSON: inside an identification, inside another answer, or on its own.

    Raises:
        UsageError: the text contains no decision.
    """
    try:
        fields = json.loads(text)
        if "candidates" in fields:
            found = ParseDict(fields, decisions_pb2.IdentifySubjectsResponse(), ignore_unknown_fields=True)
            return found.decision, found
        decision = ParseDict(fields.get("decision", fields), decision_pb2.Decision(), ignore_unknown_fields=True)
    except (ValueError, TypeError, AttributeError, ParseError, RecursionError) as error:
        raise click.UsageError("This is no decision as `verify --json` or `identify --json` print it.") from error
    if not decision.outcome:
        raise click.UsageError("There is no decision in it.")
    return decision, None
