"""Checks that a change of the code leaves every template, score, fitted model and decision unchanged.

It prints one line per kind of result: sha256, what it covers, how many; the last line is the digest of all lines. Run
it in the folder of the source tree before the change and in that after it, and compare the outputs:

    python studies/same_results.py [--data ../shared/data] > after.txt; diff before.txt after.txt

It uses only the command line of the tree in the current folder (`cli.main`, `python -m cli serve`), so it also runs on
trees whose modules have other names, and may itself be in another tree. Without the research data it covers the demo's
images, simulated scores and the demo. Digests are comparable only on one machine with one set of installed packages.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgpack
from same_results_ledger import Ledger, canonical, figures, pixels
from same_results_sets import IMAGE_COLUMNS, Row, chimeric, made_up_scores, sets, write_csv

PEOPLE, ENROLLED, MADE_UP_PEOPLE = 9, 6, 80
FAILURE = 3
"""The lowest exit code that means a failure rather than an answer."""

PATIENCE = ("--timeout", "300")


def biofusion(*arguments: str | Path) -> str:
    """Run a command in this process; returns its output, or its exit code as JSON where it failed with --json."""
    sys.argv = ["biofusion", *map(str, arguments)]
    out, remarks = io.StringIO(), io.StringIO()
    code: Any = 0
    with redirect_stdout(out), redirect_stderr(remarks):
        try:
            importlib.import_module("cli.main").main()
        except SystemExit as end:
            code = end.code or 0
    if code < FAILURE:
        return out.getvalue()
    if "--json" in sys.argv:
        return json.dumps({"exitCode": code})
    raise RuntimeError(f"{sys.argv} ended with {code}: {remarks.getvalue()}")


def demo(ledger: Ledger) -> None:
    """Digest the images that packages contain, and the demo, which also renders eyes."""
    listed = json.loads(biofusion("models", "--assets", "--json"))["models"]
    paths = {each["name"]: Path(each["path"]) for each in listed}
    faces = [paths[name] for name in ("portrait-hopper", "portrait-astronaut", "cat")]
    fingers = [paths[name] for name in ("finger-1", "finger-2", "finger-3")]
    look(ledger, "demo faces", faces, "face")
    look(ledger, "demo fingers", fingers, "fingerprint", "--dpi", "500")
    answers = json.loads(biofusion("demo", "--json"))["scenarios"]
    ledger.note("demo, answers, with rendered eyes", (canonical(json.dumps(each)) for each in answers))


def look(ledger: Ledger, what: str, paths: Sequence[Path], *modality: str) -> None:
    """Extract each image, and compare the first with each of the others."""
    template, drawing, pair = (Path(name) for name in ("template", "drawing.png", "pair.png"))
    found, said, drawn, decided = [], [], [], []
    for path in paths:
        template.unlink(missing_ok=True)
        files = ("--template", template, "--overlay", drawing)
        said.append(canonical(biofusion("extract", path, "--modality", *modality, *files, "--json")))
        if template.exists():
            found.append(template.read_bytes())
            drawn.append(pixels(drawing))
    for path in paths[1:]:
        pair.unlink(missing_ok=True)
        images = (paths[0], path, "--overlay", pair)
        decided.append(canonical(biofusion("compare", *images, "--modality", *modality, "--json")))
        drawn += [pixels(pair)] if pair.exists() else []
    ledger.note(f"{what}, templates", found)
    ledger.note(f"{what}, quality and details", said)
    ledger.note(f"{what}, decisions on two", decided)
    ledger.note(f"{what}, drawings", drawn)


def evaluate(ledger: Ledger, modality: str, rows: Sequence[Row]) -> None:
    """Digest the templates and qualities of a set, the scores of all its pairs, and the report on them."""
    images, folder = Path(f"{modality}.csv"), Path(f"{modality}-report")
    write_csv(images, IMAGE_COLUMNS, rows)
    biofusion("evaluate", images, "--modality", modality, "--out", folder, "--workers", "1")
    with (folder / "templates.msgpack").open("rb") as file:
        entries = {entry["key"].rsplit("|", 1)[-1]: entry for entry in msgpack.Unpacker(file)}
    ordered = [entries[name] for name in sorted(entries)]
    ledger.note(f"{modality}, templates of images", (each["template"] for each in ordered))
    said = (repr((each["quality"], each["failure"])).encode() for each in ordered)
    ledger.note(f"{modality}, qualities and failures", said)
    scores = gzip.decompress((folder / "scores.csv.gz").read_bytes())
    ledger.note(f"{modality}, scores of all pairs", scores.splitlines()[1:])
    ledger.note(f"{modality}, report", [canonical((folder / "report.json").read_text(encoding="utf-8"))])


def fusion(ledger: Ledger) -> None:
    """Digest models fitted to simulated scores, their results on other scores, and the reach of the shipped model."""
    table, other, model = (Path(name) for name in ("scores.csv", "other.csv", "model.json"))
    made_up_scores(table, 1, MADE_UP_PEOPLE)
    made_up_scores(other, 2, MADE_UP_PEOPLE)
    biofusion("fusion", "fit", table, "--out", model)
    ledger.note("fusion, model fitted", [canonical(model.read_text(encoding="utf-8"))])
    for how in (("--model", str(model)), ("--cross-validate", "3"), ("--random-halves", "2")):
        folder = Path(f"fusion{how[0]}")
        biofusion("fusion", "evaluate", other, *how, "--out", folder)
        fused = gzip.decompress((folder / "fused.csv.gz").read_bytes())
        ledger.note(f"fusion, LLRs and FMRs by {how[0]}", fused.splitlines()[1:])
        ledger.note(f"fusion, figures by {how[0]}", [figures((folder / "report.json").read_text(encoding="utf-8"))])
    ledger.note("fusion, reach of the shipped model", [canonical(biofusion("fusion", "reach", "--json"))])


def people(ledger: Ledger, found: dict[str, list[Row]]) -> None:
    """Enrol chimeric people, identify them with all samples and with one; digest reports, outcomes and LLRs."""
    everybody = chimeric(found, PEOPLE)
    with serving() as address:
        where = ("--json", "--server", address, *PATIENCE)
        known = [biofusion("enroll", f"s{n}", *each[0], *where) for n, each in enumerate(everybody[:ENROLLED])]
        token = ("--token", json.loads(known[-1])["consistencyToken"])
        asked = [each[1] for each in everybody] + [each[1][at : at + 2] for each in everybody for at in (0, 2, 4)]
        identified = [biofusion("identify", *each, *token, *where) for each in asked]
        claims = [(f"s{n % ENROLLED}", each[1]) for n, each in enumerate(everybody)]
        verified = [biofusion("verify", who, *each, *token, *where) for who, each in claims]
        Path("answer.json").write_text(identified[0], encoding="utf-8")
        explained = biofusion("fusion", "explain", "answer.json", "--json")
    ledger.note("people, reports on references", map(canonical, known))
    ledger.note("people, identifications", map(canonical, identified))
    ledger.note("people, verifications", map(canonical, verified))
    ledger.note("people, one answer explained", [figures(explained)])


@contextmanager
def serving() -> Iterator[str]:
    """Run all services of the tree in one process with an empty store; gives the address."""
    command = [sys.executable, "-m", "cli", "serve", "--port", "0", "--store", f"sqlite:///{Path.cwd()}/store.db"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[2].rstrip(".")
        finally:
            server.send_signal(signal.SIGTERM)


def main() -> None:
    """Digest all results for which there is data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="research data; left out if missing")
    data, tree = parser.parse_args().data.resolve(), Path.cwd()
    sys.path[:0] = [str(tree), str(tree / "gen")]
    os.environ["PYTHONPATH"] = f"{tree}{os.pathsep}{tree / 'gen'}"
    for name in [name for name in os.environ if name.startswith("BIOFUSION_")]:
        del os.environ[name]
    if not Path(importlib.import_module("cli").__file__ or "").is_relative_to(tree):
        parser.error(f"there is no cli/ in {tree}: run this in the folder of the tree that is to be tried")
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        demo(ledger)
        fusion(ledger)
        if data.is_dir():
            found = sets(data)
            for path in data.iterdir():
                Path(path.name).symlink_to(path)
            for modality, rows in found.items():
                look(ledger, f"{modality}, images of a set", [Path(row[0]) for row in rows[:4]], modality)
                evaluate(ledger, modality, rows)
            people(ledger, found)
        os.chdir(tree)
    ledger.close()


if __name__ == "__main__":
    main()
