"""The steps of a decision as text and tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log10
from typing import Any

from biofusion.type.v1 import decision_pb2
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.output.tables import title

Rendered = Text | Padding
CLOSE = 1e-6
"""A threshold at most this far from the bound (log10 LR) is taken for the bound."""


def steps(explained: dict[str, Any]) -> Iterator[Rendered]:
    """The printable parts of each step, in order.

    Args:
        explained: the result of `arithmetic`.
    """
    yield title(decision_pb2.Outcome.Value(f"OUTCOME_{explained['outcome']}"), f"by {explained['fusion_model_id']}")
    if explained["likenesses"]:
        yield from _step("Samples of the request, numbered from 0, compared with each other:")
        yield from _lines(*map(_likeness, explained["likenesses"]))
    yield from _step("Every score is worth an LLR; the best of k comparisons had k chances and loses log10 k.")
    yield Padding(_table(explained["comparisons"]), (0, 0, 0, 3), expand=False)
    for each in explained["comparisons"]:
        if each["quality_reasons"]:
            yield from _lines(f"{each['place']}: {', '.join(each['quality_reasons'])}")
    for each in explained["not_compared"]:
        yield from _lines(f"{each['place']} adds nothing: {each['status']}")
    yield from _step(
        f"Sum {explained['sum_llr']:+.2f}, correction for dependence {explained['dependence_llr']:+.2f}: "
        f"fused LLR {explained['llr']:+.2f}."
    )
    yield from _step(
        f"MATCH from {explained['match_threshold_llr']:.2f}{_derived(explained)}, "
        f"REVIEW from {explained['review_threshold_llr']:.2f}: the fused LLR alone says {explained['band']}."
    )
    yield from _step(f"{explained['outcome']}, because")
    yield from _lines(*(f"{each['reason']}: {each['text']}" for each in explained["reasons"]))
    yield from _step(_rates(explained))
    yield from _step(
        f"Presentation attacks: {explained['presentation_attacks']}. All figures are those of genuine samples."
    )
    if "carried_by" in explained:
        yield from _step(_carried(explained["carried_by"]))
    if "subject_count" in explained:
        yield from _step(_who(explained))


def _likeness(each: dict[str, Any]) -> str:
    one, other = each["samples"]
    said = f"{one} and {other}: score {each['score']:.3f}, LLR {each['llr']:+.2f}, {each['relation']}"
    return f"{said}; of one position, {each['rho']:.0%} of what they say is the same"


def _derived(explained: dict[str, Any]) -> str:
    rate = f"-log10({explained['target']} {explained['rate']:g})"
    if explained.get("subject_count"):
        return f" = log10({explained['subject_count']} subjects) {rate}"
    if abs(explained["match_threshold_llr"] + log10(explained["rate"])) < CLOSE:
        return f" = {rate}"
    return f", where the model's {explained['target']} on validation is {explained['rate']:g}"


def _rates(explained: dict[str, Any]) -> str:
    observed = explained["observed_fmr"]
    seen = "not known of this model" if observed is None else f"{observed:.1e}"
    return (
        f"At most {explained['fmr_bound']:.1e} of non-mated comparisons reach this LLR; "
        f"by the rates observed on data: {seen}."
    )


def _carried(by: dict[str, Any]) -> str:
    return (
        f"Carried by {by['mated']:,} mated and {by['non_mated']:,} non-mated comparisons of {by['people']:,} people "
        f"that have {by['scores']}; the non-mated ones are worth {by['non_mated_effective']:,.0f} independent ones: "
        f"no FMR below {by['lowest_fmr']:.1e}, no LLR above {by['max_llr']:.2f}."
    )


def _who(explained: dict[str, Any]) -> str:
    best = f"{explained['subject_id']} {explained['posterior']:.2%}, " if explained["subject_id"] else ""
    gap, unseen = explained["runner_up_gap_llr"], explained["unseen_max_llr"]
    runner_up = "" if gap is None else f" The next subject's LLR is {gap:.2f} lower."
    others = "" if unseen is None else f" Nobody who was not compared has more than {unseen:+.2f}."
    return f"Probability: {best}nobody of the gallery {explained['none_posterior']:.2%}.{runner_up}{others}"


def _table(comparisons: Iterable[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("of", "comparator"):
        table.add_column(name)
    for name in ("score", "quality", "LLR alone", "best of", "charge", "LLR", "adds"):
        table.add_column(name, justify="right")
    for each in comparisons:
        quality = "–" if each["quality"] is None else f"{each['quality']:.0f}"
        figures = (f"{each['llr_alone']:+.2f}", str(each["best_of"]), f"{each['charge']:.2f}", f"{each['llr']:+.2f}")
        adds = "–" if each["adds"] is None else f"{each['adds']:+.2f}"
        table.add_row(each["place"], each["comparator"], f"{each['score']:.3f}", quality, *figures, adds)
    return table


def _step(text: str) -> Iterator[Rendered]:
    yield Padding(Text(f"· {text}"), (0, 0, 0, 1), expand=False)


def _lines(*texts: str) -> Iterator[Rendered]:
    for text in texts:
        yield Padding(Text(text), (0, 0, 0, 3), expand=False)
