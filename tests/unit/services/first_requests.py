"""`python -m tests.unit.services.first_requests MODALITY`: prints the kernels that requests compile after a start.

It runs in its own process, since code that ran before in this one has compiled kernels.
"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

from numba.core.dispatcher import Dispatcher

from benchmarks.services.synthetic_people import POSITIONS, captures
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality
from gallery.store.values import START
from gallery.subject import Reference
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from infra.workers import Workers
from services.recognizer import Recognizer
from tests.service import pictures
from tests.support.builders import enrolment
from tests.support.fakes.memory_store import MemoryStore

PEOPLE = 1100  # more than are compared without screening
TOGETHER = 9  # searches that share a pass


def signatures() -> set[str]:
    """Every kernel of this project with the argument types it was compiled for."""
    modules = [each for name, each in sys.modules.items() if name.startswith(("services.", "gallery.", "infra."))]
    kernels = [each for module in modules for each in vars(module).values() if isinstance(each, Dispatcher)]
    return {f"{each.py_func.__qualname__} {signature}" for each in kernels for signature in each.signatures}


async def start(modality: Modality) -> tuple[Recognizer[object, object], MemoryStore]:
    """The modality's service as assembled, with its index loaded."""
    store = MemoryStore()
    service = import_module(f"services.{modality.lower()}.__main__")
    recognizer = service.assemble(store, Workers(2, 99), Settings(store_url="sqlite:///unused.db")).recognizer
    return recognizer, store


async def enrol(store: MemoryStore, modality: Modality, numbers: range) -> None:
    """Enrol synthetic subjects."""
    for number in numbers:
        await store.enroll(enrolment(f"{number}", Reference(POSITIONS[modality], captures(modality, number)[0], 50.0)))


async def ask(recognizer: Recognizer[object, object], modality: Modality) -> None:
    """Send one request of each kind, and many searches at a time."""
    probes = [Sample(modality, POSITIONS[modality], captures(modality, number)[1]) for number in range(TOGETHER)]
    templates = [captures(modality, number)[0] for number in range(TOGETHER)]
    await recognizer.search(probes[0], "default", 20, START)
    await asyncio.gather(*(recognizer.search(probe, "default", 20, START) for probe in probes))
    await recognizer.score_subjects(probes[0], ["1", "2"], START)
    for count in (1, TOGETHER):
        await recognizer.compare(templates[0], templates[:count])
    await recognizer.template_scores.explain(templates[0], templates[1])
    await recognizer.extract(EncodedImage(pictures.of(modality)), POSITIONS[modality])


async def main(modality: Modality) -> None:
    """Start, record compiled kernels, send all requests to small and large galleries, print newly compiled kernels."""
    ensure_all()
    ensure_assets()
    recognizer, store = await start(modality)
    await recognizer.index.start()
    before = signatures()
    assert before
    await enrol(store, modality, range(10))
    await recognizer.index.wait_for(await store.position(), 60)
    await ask(recognizer, modality)
    await enrol(store, modality, range(10, PEOPLE))
    await store.delete("3", "gone", "d")
    await recognizer.index.wait_for(await store.position(), 60)
    await ask(recognizer, modality)
    sys.stdout.write("\n".join(sorted(signatures() - before)))


if __name__ == "__main__":
    asyncio.run(main(Modality(sys.argv[1])))
