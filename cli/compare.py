"""`biofusion compare`."""

from __future__ import annotations

from pathlib import Path

import click

from biometrics.template import Modality, Position
from cli.modalities import comparator, extract, extractor, modality_option
from cli.output import console, json_option, print_json
from cli.tables import EXIT_CODE, decision
from fusion.__main__ import fusion_model
from fusion.convert_answers import decision_to_wire
from fusion.decision import Decision
from fusion.evidence import Evidence, EvidenceStatus
from infra.settings import Settings


@click.command("compare")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@modality_option
@click.option(
    "--dpi", type=float, help="Resolution of both fingerprints, 250 to 1000; default: as the files say, else 500."
)
@json_option
def command(first: Path, second: Path, *, modality: Modality, dpi: float | None, as_json: bool) -> int:
    """Compare the images A and B. Works without a server. Exits with 0 match, 1 no match, 2 review.

    The outcome is that of a verification at the default false match rate (BIOFUSION_FMR).
    """
    decided = decision_to_wire(decide(first, second, modality, dpi))
    if as_json:
        print_json(decided)
    else:
        console().print(decision(decided, f"{first.name} and {second.name}"))
    return EXIT_CODE[decided.outcome]


def decide(probe: Path, reference: Path, modality: Modality, dpi: float | None) -> Decision:
    """Extract both, compare, and decide as a verification with this one sample would."""
    parts, judge = extractor(modality), comparator(modality)
    found = [extract(parts, path, Position.UNKNOWN, dpi)[1] for path in (probe, reference)]
    stacks = [judge.stack([each.template]) for each in found]
    score = float(judge.compare(*stacks)[0, 0])
    model = fusion_model(Settings.from_environment())
    evidence = Evidence(
        modality,
        Position.FACE if modality is Modality.FACE else Position.UNKNOWN,
        EvidenceStatus.COMPARED,
        comparison=model.comparison(judge.comparator_id, score),
        comparison_count=1,
        quality=found[0].quality.value,
        model_id=parts.model_id,
    )
    return model.verification([evidence], 0.0)
