"""Tables of what an identification answers, by the size of the gallery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fusion.decision.decision import Thresholds
from fusion.models.model import FusionModel
from fusion.models.reach import reachable
from studies.capacity.answers.curves import Curves
from studies.capacity.answers.outcomes import claimed_ends, identifying, observed_ends
from studies.capacity.answers.people import REQUESTS, WORST, Samples
from studies.capacity.answers.rates import SIZES, Rates, Simulation
from studies.capacity.texts import count, percent, table

FPIR, STRICT_FPIR = 1e-2, 1e-3


def decision_tables(curves: Curves, model: FusionModel) -> dict[str, str]:
    """The tables, by name."""
    simulations = {each.name: Simulation(each, curves, model) for each in (*REQUESTS, *WORST)}
    return {
        "thresholds": "\n".join(_thresholds(model)),
        "reach": "\n".join(_reach(model)),
        "rates": "\n".join(_rates(REQUESTS, simulations, FPIR)),
        "strict rates": "\n".join(_rates(REQUESTS, simulations, STRICT_FPIR)),
        "worst sensors": "\n".join(_rates(WORST, simulations, FPIR)),
        "list ends": "\n".join(_list_ends(curves, model)),
        "sets": "\n".join(_sets(curves)),
    }


def _thresholds(model: FusionModel) -> Iterator[str]:
    heads = [f"{name}, FPIR {fpir:g}" for fpir in (FPIR, STRICT_FPIR) for name in ("MATCH from", "REVIEW from")]
    rows = []
    for subjects in SIZES:
        both = [Thresholds.at_fpir(fpir, subjects, model.review_band_llr) for fpir in (FPIR, STRICT_FPIR)]
        llrs = [f"{llr:.2f}" for each in both for llr in (each.match_llr, each.review_llr)]
        rows.append([count(subjects), *llrs, f"{FPIR / subjects:.1e}"])
    yield from table(["subjects", *heads, "FMR of a comparison, FPIR 0.01"], rows)


def _reach(model: FusionModel) -> Iterator[str]:
    rows = []
    for samples in REQUESTS:
        llr = reachable(model, samples.counts)
        lowest = [subjects * 10.0**-llr for subjects in SIZES]
        rows.append(
            [samples.name, f"{llr:.2f}", *("none" if rate > 0.5 else f"{max(rate, 1e-9):.1e}" for rate in lowest)]
        )
    yield from table(["samples", "highest LLR", *(f"{count(each)}" for each in SIZES)], rows)


def _rates(requests: Sequence[Samples], simulations: Mapping[str, Simulation], fpir: float) -> Iterator[str]:
    rows = [[each.name, *(_cell(simulations[each.name].rates(size, fpir)) for size in SIZES)] for each in requests]
    yield from table(["samples", *map(count, SIZES)], rows)


def _cell(rates: Rates) -> str:
    match = _with_interval(rates.match, rates.match_interval) if rates.match_interval[1] else "0"
    return f"{match} / {_with_interval(rates.review, rates.review_interval)} / {percent(rates.no_match)}"


def _with_interval(share: float, interval: tuple[float, float]) -> str:
    low, high = (f"{100 * each:.0f}" for each in interval)
    return f"{percent(share)} ({low}–{high})"


def _list_ends(curves: Curves, model: FusionModel) -> Iterator[str]:
    rows = []
    for samples in REQUESTS:
        cells = []
        for subjects in SIZES:
            both = (observed_ends(model, samples, curves, subjects), claimed_ends(model, subjects))
            asked = [identifying(samples, model, ends, subjects, FPIR) for ends in both]
            cells.append(" / ".join(f"{a.unseen:.1f}{'*' if a.stranger_is_reviewed else ''}" for a in asked))
        rows.append([samples.name, *cells])
    yield from table(["samples", *map(count, SIZES)], rows)


def _sets(curves: Curves) -> Iterator[str]:
    rows = [
        [each.name, count(each.people), count(each.mated), count(each.non_mated), _or_dash(each.position_rho),
         percent(each.left_out), *(f"{each.llrs[place]:.2f}" for place in (4, 20, 200))]
        for of_one in curves.values()
        for each in of_one
    ]  # fmt: skip
    heads = ["set", "people", "mated", "non-mated", "correlation of positions", "left out, %"]
    yield from table([*heads, "LLR of the lowest 1 %", "5 %", "50 %"], rows)


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
