"""`biofusion compare`: compare two images of one modality in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from biometrics.comparison import Comparator
from biometrics.template import Modality, Position
from cli.local.modalities import Extracted, comparator, draw_comparison, extract, extractor, modality_option
from cli.output.output import console, json_option, print_json
from cli.output.sheet import write_sheet
from cli.output.tables import decision, exit_code
from fusion.configured import fusion_model
from fusion.decision.decision import Decision
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.wire.answers import decision_to_wire
from infra.settings import Settings


@click.command("compare")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@modality_option
@click.option(
    "--dpi", type=float, help="Resolution of both fingerprints, 250 to 1000; default: as the files say, else 500."
)
@click.option(
    "--overlay", type=click.Path(path_type=Path), help="PNG file to draw both into; fingerprints with paired minutiae."
)
@json_option
def command(
    first: Path, second: Path, *, modality: Modality, dpi: float | None, overlay: Path | None, as_json: bool
) -> int:
    """Compare the images A and B. Works without a server. Exits with 0 match, 1 no match, 2 review.

    The outcome is that of a verification at the default false match rate (BIOFUSION_FMR).
    """
    parts, judge = extractor(modality), comparator(modality)
    found = extract(parts, first, Position.UNKNOWN, dpi), extract(parts, second, Position.UNKNOWN, dpi)
    decided = decide(judge, found)
    if overlay:
        drawing, remarks = draw_comparison(judge, found)
        write_sheet(overlay, drawing, (first.name, second.name), [caption(decided), *remarks])
    answer = decision_to_wire(decided)
    if as_json:
        print_json(answer)
    else:
        console().print(decision(answer, f"{first.name} and {second.name}"))
    return exit_code(answer.outcome)


def decide(judge: Comparator[Any], found: tuple[Extracted, Extracted]) -> Decision:
    """Compare two extracted samples, and decide as a verification with one sample would."""
    probe, reference = (extraction for _, extraction in found)
    score = float(judge.compare(judge.stack([probe.template]), judge.stack([reference.template]))[0, 0])
    model = fusion_model(Settings.from_environment())
    evidence = Evidence(
        judge.modality,
        Position.FACE if judge.modality is Modality.FACE else Position.UNKNOWN,
        EvidenceStatus.COMPARED,
        comparison=model.comparison(judge.comparator_id, score),
        comparison_count=1,
        quality=probe.quality.value,
        model_id=judge.model_id,
    )
    return model.verification([evidence], None)


def caption(decided: Decision) -> str:
    """One line of ASCII with outcome, score, LLR and FMR of a decision on one comparison."""
    figures = "".join(
        f"   score {each.comparison.score:.3f}   LLR {each.llr:+.2f}   FMR {each.comparison.fmr:.1e}   "
        f"{each.comparison.comparator_id}"
        for each in decided.evidence
        if each.comparison
    )
    return f"{decided.outcome}{figures}"
