"""`biofusion fusion evaluate`: scores.csv → fused.csv.gz, report.html and report.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.parts import Provenance
from evaluation.data.file_faults import why
from evaluation.data.score_table import ScoreTable
from evaluation.data.scores import write_scores
from evaluation.fusion.carried import carried_table, claimed_table
from evaluation.fusion.fit import fit_fusion
from evaluation.fusion.held_table import held_table, worst_and_mean
from evaluation.fusion.measures import Measures
from evaluation.fusion.tested import Tested, apply, pooled
from evaluation.protocol.splits import Split
from evaluation.report.findings import all_findings
from evaluation.report.page import document
from evaluation.report.page.tables import Table

Progress = Callable[[str, int, int], None]
Facts = Sequence[tuple[str, str]]


def evaluate_model(table: ScoreTable, model: ScoreFusion, out: Path, *, title: str, progress: Progress) -> Measures:
    """Measure a model on a table that it was not fitted on.

    Writes into `out`, which is made: `report.html`, `report.json`, `fused.csv.gz`.

    Returns:
        The figures of the table.

    Raises:
        FieldInvalid: a comparator that the model does not know.
        ConfigurationInvalid: `out` cannot be written.
    """
    progress("fuse", 0, 1)
    tested = apply(model, table)
    progress("fuse", 1, 1)
    measures = tested.measures
    tables = [held_table([measures]), claimed_table(tested), carried_table(model)]
    _write(tested, out, title, model_facts(model), tables, {"test": asdict(measures)}, progress)
    return measures


def evaluate_splits(
    table: ScoreTable,
    splits: Sequence[Split],
    provenance: Provenance,
    out: Path,
    *,
    title: str,
    how: str,
    progress: Progress,
) -> list[Measures]:
    """Fit and test a model in each split; report on all tested rows together. Writes and raises as `evaluate_model`."""
    tested, measures = [], []
    for each in held_out(table, splits, provenance, progress):
        tested.append(each)
        measures.append(each.measures)
    facts = [("Data", provenance.source), ("Split", how), ("Command", provenance.command), ("Date", provenance.date)]
    figures = {"splits": [asdict(each) for each in measures], **worst_and_mean(measures)}
    together = pooled(tested)
    _write(together, out, title, facts, [held_table(measures), claimed_table(together)], figures, progress)
    return measures


def held_out(
    table: ScoreTable, splits: Sequence[Split], provenance: Provenance, progress: Progress
) -> Iterator[Tested]:
    """Fit a model on one side of each split and apply it to the other side."""
    for done, split in enumerate(splits):
        progress("fit and test", done, len(splits))
        model = fit_fusion(table.rows(split.train), provenance, progress=lambda _done, _total: None)
        yield apply(model, table.rows(split.test))
    progress("fit and test", len(splits), len(splits))


def model_facts(model: ScoreFusion) -> list[tuple[str, str]]:
    """Names and values that say where a model comes from, for the report."""
    by = model.provenance
    counts = f"{by.mated_count:,} mated, {by.non_mated_count:,} non-mated rows, {by.subject_count:,} subjects"
    return [
        ("Model", model.fusion_model_id),
        ("Fitted on", f"{by.source}: {counts}"),
        ("Cllr / minCllr on held-out folds", f"{by.cllr:.4f} / {by.min_cllr:.4f} bits"),
        ("Fitted by", f"{by.command} ({by.date})"),
    ]


def _write(
    tested: Tested,
    out: Path,
    title: str,
    facts: Facts,
    tables: Sequence[Table],
    figures: dict[str, Any],
    progress: Progress,
) -> None:
    progress("report", 0, 1)
    try:
        out.mkdir(parents=True, exist_ok=True)
        columns = {"llr": tested.llr, "fmr": tested.fmr}
        write_scores(out / "fused.csv.gz", tested.table.names, tested.pairs, columns, partial(progress, "write"))
        found = all_findings.measure(tested.outcome())
        (out / "report.html").write_text(
            document.render(found, title=title, facts=facts, tables=tables), encoding="utf-8"
        )
        plain = {table.title: [dict(zip(table.header, row, strict=True)) for row in table.rows] for table in tables[1:]}
        content = {"facts": dict(facts), **figures, "patterns": plain, "report": all_findings.plain(found)}
        (out / "report.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationInvalid(f"{out} cannot be written ({why(error)}). Choose another --out.") from error
    progress("report", 1, 1)
