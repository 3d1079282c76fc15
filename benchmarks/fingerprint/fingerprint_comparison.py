"""Non-mated full comparisons against NBIS bozorth3, built from its C sources, on the same minutiae."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.harness import Row, compare
from benchmarks.limits import sgemm_flops_per_s
from biometrics.template import Modality, Position, Template
from infra.images.decode import decode
from infra.models.manifest import manifest
from infra.models.model_cache import asset
from infra.models.package_archive import download
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.comparison.descriptor import LENGTH
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, pack, unpack

COUNT = 100
BOZORTH_SIZE = 200


class Xyt(ctypes.Structure):
    """A print in the format of bozorth3: y in px upwards, directions in degrees counter-clockwise."""

    _fields_ = (
        ("count", ctypes.c_int),
        ("x", ctypes.c_int * BOZORTH_SIZE),
        ("y", ctypes.c_int * BOZORTH_SIZE),
        ("theta", ctypes.c_int * BOZORTH_SIZE),
    )


def measure() -> Row:
    """One print against 100 prints of another finger."""
    return measure_pair("non-mated", "finger-1", "finger-3")


def measure_pair(what: str, probe_name: str, reference_name: str) -> Row:
    """One print against 100 versions of another, each without one or two of its minutiae."""
    extractor, comparator = FingerprintExtractor.load(), FingerprintComparator()
    probe, reference = (_features(extractor, name) for name in (probe_name, reference_name))
    references = [_without(reference, k) for k in range(COUNT)]
    stacks = [comparator.stack([_template(each) for each in group]) for group in ([probe], references)]
    flops = 2 * LENGTH * len(probe.minutiae) * sum(len(each.minutiae) for each in references)
    limit = (1000 * flops / sgemm_flops_per_s(), "descriptor products at the rate of sgemm")
    what = f"fingerprint, 1 × {COUNT} {what}, {len(probe.minutiae)} and {len(reference.minutiae)} minutiae"
    with TemporaryDirectory() as folder:
        bozorth = _build(Path(folder))
        if bozorth is None:
            row = compare(what, lambda: comparator.compare(*stacks), "", lambda: None, limit)
            return replace(
                row,
                reference="bozorth3 not built: no C compiler",
                reference_ms=math.nan,
                ratio=math.nan,
                spread=(math.nan, math.nan),
            )
        xyt, others = _xyt(probe), [_xyt(each) for each in references]
        return compare(
            what,
            lambda: comparator.compare(*stacks),
            "NBIS bozorth3, cc -O2",
            lambda: [bozorth.bozorth_main(ctypes.byref(xyt), ctypes.byref(other)) for other in others],
            limit,
        )


def _features(extractor: FingerprintExtractor, name: str) -> FingerFeatures:
    return unpack(extractor.extract(decode(asset(name)), Position.UNKNOWN).template.data)


def _without(features: FingerFeatures, left_out: int) -> FingerFeatures:
    count = len(features.minutiae)
    kept = ~np.isin(np.arange(count), [left_out % count, left_out * 7 % count])
    return replace(features, minutiae=features.minutiae.select(kept))


def _template(features: FingerFeatures) -> Template:
    return Template(Modality.FINGERPRINT, MODEL_ID, pack(features))


def _xyt(features: FingerFeatures) -> Xyt:
    found, xyt = features.minutiae, Xyt()
    xyt.count = len(found)
    xyt.x[: len(found)] = found.x.astype(int).tolist()
    xyt.y[: len(found)] = (features.height_px - found.y).astype(int).tolist()
    xyt.theta[: len(found)] = (np.rint(np.degrees(found.angle)).astype(int) % 360).tolist()
    return xyt


def _build(folder: Path) -> ctypes.CDLL | None:
    """Fetch the sources and compile bozorth3; None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    item = manifest().models["leader"]  # its package's archive also contains the NBIS sources
    if compiler is None or item.archive is None:
        return None
    with tarfile.open(download(item.archive, folder)) as source:
        source.extractall(folder, filter="data")
    nbis = next(folder.glob("*/native/nbis"))
    library = folder / "libbozorth3.so"
    sources = sorted(str(path) for path in nbis.glob("bozorth/src/lib/bozorth3/*.c"))
    includes = [f"-I{nbis / part / 'include'}" for part in ("bozorth", "commonbis")]
    flags = ["-O2", "-w", "-DNOVERBOSE", "-D_DEFAULT_SOURCE", "-fPIC", "-shared"]
    subprocess.run([compiler, *flags, *includes, *sources, "-o", str(library), "-lm"], check=True)
    return ctypes.CDLL(str(library))
