"""Draws an explanation: a headline with the score and its parts, and below it what was found."""

from __future__ import annotations

from biometrics.explanation import Explanation, FaceFindings, Findings, FingerprintFindings
from infra.drawings import faces, irises, prints
from infra.drawings.svg import FAINT, Drawing, document, group, text

LEFT, HEAD = 24, 56


def svg(explanation: Explanation) -> str:
    """The explanation as an SVG file. Biometric data: it shows what the templates hold."""
    return document(drawn(explanation), headline(explanation))


def drawn(explanation: Explanation) -> Drawing:
    """The elements of the file."""
    body = _of(explanation.findings)
    said = [text(LEFT, 24, headline(explanation), font_size=16), text(LEFT, 44, sums(explanation), fill=FAINT)]
    below = group(body.parts, transform=f"translate(0 {HEAD})")
    return Drawing(max(body.width, 480), body.height + HEAD, [*said, below])


def headline(explanation: Explanation) -> str:
    """Score, LLR and FMR."""
    found = explanation.comparison
    return f"Score {found.score:.3f} · LLR {found.llr:+.2f} · FMR {found.fmr:.1e} · {found.comparator_id}"


def sums(explanation: Explanation) -> str:
    """The parts of the score, and their sum."""
    if not explanation.terms:
        return "Too little is alike to score."
    return (
        f"{' '.join(f'{value:+.3f} {name}' for name, value in explanation.terms)} = {explanation.comparison.score:.3f}"
    )


def _of(findings: Findings) -> Drawing:
    match findings:
        case FingerprintFindings():
            return prints.draw(findings)
        case FaceFindings():
            return faces.draw(findings)
        case _:
            return irises.draw(findings)
