"""`biofusion explain`: show what two samples have in common, as far as their templates show it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from biometrics.explanation import Explanation
from biometrics.template import Modality, Position
from cli.client import Target, connect
from cli.local.modalities import comparator, extract, extractor
from cli.output.failures import MATCH
from cli.output.output import json_option, print_json
from cli.samples import sample_options
from cli.searching import EnrolledType
from cli.server_options import server_options
from fusion.configured import fusion_model
from infra.drawings.explanation import headline, sums, svg
from infra.settings import Settings
from infra.wire.convert import modality_to_wire
from infra.wire.explanations.explanation import explanation_from_wire, explanation_to_wire

POSITIONS = click.Choice([each for each in Position if each is not Position.UNKNOWN], case_sensitive=False)


@click.command("explain")
@click.argument("images", metavar="[A B]", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--modality",
    type=click.Choice([each.lower() for each in Modality]),
    help="What the images A and B, or the samples of --enrolled, are of.",
)
@click.option("--dpi", type=float, help="Resolution of both fingerprints A and B, 250 to 1000.")
@click.option("--subject", default="", help="Compare one sample with this subject instead, on the server.")
@click.option("--encounter", default="", help="One of its encounters; default: whichever is most alike.")
@click.option("--reference-position", type=POSITIONS, help="Only its samples of this position.")
@click.option("--enrolled", type=EnrolledType(), help="An enrolled encounter as the sample, or its newest ACTIVE one.")
@click.option("--position", type=POSITIONS, help="Only samples of --enrolled of this position.")
@click.option("--svg", "out", type=click.Path(path_type=Path), help="SVG file to draw it into. Biometric data.")
@sample_options
@json_option
@server_options
def command(
    images: Sequence[Path],
    *,
    modality: str | None,
    dpi: float | None,
    subject: str,
    out: Path | None,
    as_json: bool,
    target: Target,
    **about: Any,
) -> int:
    """Show on what a comparison rests: of the images A and B, without a server, or of a sample and a SUBJECT.

    Fingerprints: which minutiae are paired. Irises: which bits differ. Faces: how alike each network finds them.
    """
    if bool(subject) is bool(images):
        raise click.UsageError("Name either two images, or a subject by --subject.")
    kind = Modality(modality.upper()) if modality else None
    if subject:
        answer = asked(target, request_of(subject, kind, **about))
        found = explanation_from_wire(answer.explanation)
    else:
        found = compared(images, kind, dpi)
    if out:
        out.touch(mode=0o600)
        out.write_text(svg(found), encoding="utf-8")
    if as_json:
        print_json(answer if subject else explanation_to_wire(found))
    else:
        click.echo(headline(found))
        click.echo(sums(found))
    return MATCH


def compared(images: Sequence[Path], modality: Modality | None, dpi: float | None) -> Explanation:
    """Two images of one modality, extracted and compared in this process."""
    if len(images) != 2 or modality is None:
        raise click.UsageError("Two images and --modality are needed.")
    parts, judge = extractor(modality), comparator(modality)
    probe, reference = (extract(parts, each, Position.UNKNOWN, dpi)[1].template for each in images)
    found = judge.explain(probe, reference)  # type: ignore[attr-defined]  # those of the services all have it
    comparison = fusion_model(Settings.from_environment()).comparison(judge.comparator_id, found.score)
    return Explanation(comparison, probe.model_id, reference.model_id, found.terms, found.findings)


def request_of(
    subject: str,
    modality: Modality | None,
    *,
    samples: Sequence[sample_pb2.Sample],
    missing: Sequence[sample_pb2.MissingPosition],
    enrolled: decisions_pb2.EnrolledProbe | None,
    encounter: str,
    position: str | None,
    reference_position: str | None,
) -> decisions_pb2.ExplainEvidenceRequest:
    """The request for one sample or enrolled encounter."""
    if missing or len(samples) + (enrolled is not None) != 1:
        raise click.UsageError("One sample (--face, --finger, --eye, --record) or --enrolled is needed.")
    return decisions_pb2.ExplainEvidenceRequest(
        subject_id=subject,
        encounter_id=encounter,
        reference_position=_position(reference_position),
        sample=samples[0] if samples else None,
        enrolled_probe=enrolled,
        modality=modality_to_wire(modality) if modality else modality_pb2.MODALITY_UNSPECIFIED,
        position=_position(position),
    )


def asked(target: Target, request: decisions_pb2.ExplainEvidenceRequest) -> decisions_pb2.ExplainEvidenceResponse:
    """The server's answer."""
    with connect(target) as stub:
        return stub.decisions.ExplainEvidence(request, timeout=target.timeout_s)


def _position(name: str | None) -> modality_pb2.Position.ValueType:
    return modality_pb2.Position.Value(f"POSITION_{name.upper()}") if name else modality_pb2.POSITION_UNSPECIFIED
