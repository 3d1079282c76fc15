"""Tables of bytes, memory, machines and cost, by the size of the gallery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from biometrics.template import Modality
from studies.capacity.answers.people import REQUESTS
from studies.capacity.answers.rates import SIZES
from studies.capacity.needs.figures import COUNTS, Figures, of, per_subject
from studies.capacity.needs.machines import (
    GB,
    Node,
    core_seconds,
    for_searches,
    machines,
    store_bytes,
)
from studies.capacity.texts import count, size, table

RATES = (1.0, 10.0, 100.0)
SHOWN = ("the face", "two eyes", "face, two eyes", "two fingers", "face, ten fingers, two eyes")
PLANNED = [each for each in REQUESTS if each.name in SHOWN]
MILLION = 1e6


def machine_tables(figures: Figures, node: Node) -> dict[str, str]:
    """The tables, by name."""
    return {
        "bytes": "\n".join(_bytes(figures)),
        "index": "\n".join(_index(figures)),
        "totals": "\n".join(_totals(figures, node)),
        "load": "\n".join(_load(figures)),
        "searches": "\n".join(_searches(figures)),
        "machines": "\n".join(_machines(figures, node)),
        "cost": "\n".join(_cost(figures, node)),
        "screening": "\n".join(_screening()),
        "node": "\n".join(_node(node)),
        "figures": "\n".join(_figures(figures)),
    }


def _bytes(figures: Figures) -> Iterator[str]:
    rows = [[what, count(value)] for what, value in store_bytes(figures).items()]
    snapshots = sum(of(figures, "snapshot_bytes", each) for each in COUNTS)
    rows += [
        ["key, in the key table", f"{figures['key_bytes'].value:.1f}"],
        ["all of the above in the files of a SQLite store", count(figures["sqlite_bytes"].value)],
        ["all of the above in the memory of Redis", count(figures["redis_bytes"].value)],
        ["in the snapshots of all modalities", count(snapshots)],
    ]
    yield from table(["one subject", "bytes"], rows)


def _index(figures: Figures) -> Iterator[str]:
    names = ("template_bytes", "stack_bytes", "index_bytes", "goal_bytes")
    rows = [[modality.lower(), *(f"{of(figures, name, modality):,.0f}" for name in names)] for modality in COUNTS]
    rows.append(["all of a subject", *(f"{per_subject(figures, name):,.0f}" for name in names)])
    yield from table(["bytes of one reference", "template", "stack", "index", "goal, 1.25 × template"], rows)


def _totals(figures: Figures, node: Node) -> Iterator[str]:
    snapshots = sum(of(figures, "snapshot_bytes", each) for each in COUNTS)
    rows = []
    for subjects in SIZES:
        indexes = [subjects * per_subject(figures, name) for name in ("index_bytes", "goal_bytes")]
        redis = subjects * figures["redis_bytes"].value
        cells = [
            size(subjects * figures["sqlite_bytes"].value),
            size(redis),
            count(node.replicas * node.for_memory(redis)),
        ]
        rows.append([count(subjects), *cells, size(subjects * snapshots), *map(size, indexes)])
    heads = [
        "subjects",
        "SQLite file",
        "Redis memory",
        "Redis machines, all copies",
        "snapshots",
        "indexes",
        "at the goal",
    ]
    yield from table(heads, rows)


def _load(figures: Figures) -> Iterator[str]:
    disk, network = (figures[name].value * GB for name in ("disk_gb_s", "network_gb_s"))
    rows = []
    for modality in COUNTS:
        snapshot, sealed = (
            MILLION * each for each in (of(figures, "snapshot_bytes", modality), of(figures, "sealed_bytes", modality))
        )
        times = (snapshot / disk, snapshot / network, sealed / network, of(figures, "open_us", modality))
        rows.append([modality.lower(), size(snapshot), size(sealed), *(f"{each:.1f}" for each in times)])
    heads = ["1,000,000 subjects", "snapshot", "sealed sets", "snapshot from disk, s", "by network, s"]
    yield from table([*heads, "sealed sets by network, s", "opening them, s of a core"], rows)


def _searches(figures: Figures) -> Iterator[str]:
    rows = [
        [each.name, *(_seconds(core_seconds(figures, each.counts, subjects)) for subjects in SIZES)] for each in PLANNED
    ]
    yield from table(["searched with", *map(count, SIZES)], rows)


def _seconds(value: float) -> str:
    return count(value) if value >= 100.0 else f"{value:.3g}"


def _machines(figures: Figures, node: Node) -> Iterator[str]:
    rows = []
    for subjects in SIZES:
        memory = [
            count(node.replicas * node.for_memory(subjects * per_subject(figures, name)))
            for name in ("index_bytes", "goal_bytes")
        ]
        for each in PLANNED:
            cells = [count(node.replicas * for_searches(figures, each.counts, subjects, rate, node)) for rate in RATES]
            rows.append([count(subjects), each.name, *cells, *memory])
    heads = [f"{rate:g} a second" for rate in RATES]
    yield from table(["subjects", "searched with", *heads, "for the memory", "at the goal"], rows)


def _cost(figures: Figures, node: Node) -> Iterator[str]:
    rows = []
    for subjects in SIZES:
        redis = node.replicas * node.for_memory(subjects * figures["redis_bytes"].value) * node.month
        snapshots = 2 * sum(of(figures, "snapshot_bytes", each) for each in COUNTS) * subjects / GB * node.disk_month
        cells = [_index_cost(figures, node, subjects, counts) for counts in (each.counts for each in PLANNED)]
        rows.append([count(subjects), count(redis), count(snapshots), *cells])
    yield from table(["subjects", "Redis", "two snapshots", *(each.name for each in PLANNED)], rows)


def _index_cost(figures: Figures, node: Node, subjects: int, counts: Mapping[Modality, int]) -> str:
    found = [
        machines(figures, counts, subjects, 10.0, node, name) * node.month for name in ("index_bytes", "goal_bytes")
    ]
    return " / ".join(map(count, found))


KEPT: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "finger, share compared in full": {
        "1 %, 2 %, 5 %, 10 %": (),
        "as it is, own set": (99.42, 99.73, 99.78, 99.91),
        "as it is, all sets": (99.69, 99.82, 99.91, 99.96),
        "40 % of the minutiae missing": (95.49, 96.25, 97.46, 97.86),
        "half of the finger": (91.16, 91.92, 93.39, 94.24),
        "4 px jitter, 20 % false minutiae": (99.15, 99.29, 99.51, 99.73),
    },
    "eye, share compared in full": {
        "0.1 %, 0.2 %, 0.5 %, 1 %, 2 %": (),
        "as it is": (100.00, 100.00, 100.00, 100.00, 100.00),
        "25 % noise": (99.91, 99.93, 99.93, 99.93, 99.96),
        "40 % hidden": (99.75, 99.82, 99.84, 99.84, 99.84),
        "60 % hidden": (97.30, 97.80, 98.11, 98.31, 98.58),
    },
}
"""Share of mates that screening keeps, %: docs/measurements/search.md and docs/decisions/0009-iris-screening.md."""


def _screening() -> Iterator[str]:
    rows = []
    for of_one, conditions in KEPT.items():
        for condition, kept in conditions.items():
            name = of_one if not kept else condition
            rows.append([name, condition if not kept else ", ".join(f"{100 - each:.2f}" for each in kept)])
    yield from table(["probe", "mates that screening drops, %"], rows)


def _node(node: Node) -> Iterator[str]:
    rows = [
        ["cores and memory of a machine", f"{node.cores}, {node.memory_gb:g} GB"],
        ["share of the memory that is filled", f"{node.memory_share:g}"],
        ["share of the cores' time that searches take", f"{node.busy_share:g}"],
        ["latency", f"{node.latency_s:g} s, half of it for waiting and gathering"],
        ["copies", f"{node.replicas}, each of which carries the whole rate alone"],
        ["core, per hour", f"{node.core_hour:g}"],
        ["GB of memory, per month", f"{node.memory_month:g}"],
        ["GB on disk, per month", f"{node.disk_month:g}"],
        ["so a machine, per month", f"{node.month:,.0f}"],
    ]
    yield from table(["assumed", "value"], rows)


def _figures(figures: Figures) -> Iterator[str]:
    rows = [
        [
            each.what,
            f"{each.value:,.9g} {each.unit}".strip(),
            each.kind,
            f"`{each.source}`" if each.source.startswith("python") else each.source,
        ]
        for _, each in sorted(figures.items())
    ]
    yield from table(["figure", "value", "kind", "from"], rows)
