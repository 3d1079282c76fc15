"""`python -m fusion`: the fusion service in a process of its own."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from biofusion.fusion.v1.decisions_pb2_grpc import add_DecisionServiceServicer_to_server
from biofusion.fusion.v1.encounters_pb2_grpc import add_EncounterServiceServicer_to_server
from biofusion.fusion.v1.fusion_models_pb2_grpc import add_FusionModelServiceServicer_to_server
from biofusion.fusion.v1.galleries_pb2_grpc import add_GalleryServiceServicer_to_server
from biofusion.fusion.v1.subjects_pb2_grpc import add_SubjectServiceServicer_to_server

from biometrics.score_fusion.fusion import ScoreFusion
from fusion.cluster.helpers import helpers
from fusion.configured import fusion_model, min_quality
from fusion.duplicates.guard import DuplicateGuard
from fusion.matching.connect import connect_all
from fusion.models.model import FusionModel
from fusion.models.readings import readings
from fusion.models.uploads import Load, UploadedModels
from fusion.samples.probes import Matchers
from fusion.shadow.recorder import Recorder
from fusion.wire import decision_servicer, fusion_model_servicer, subject_servicer
from fusion.wire.access.assembly import door_of
from fusion.wire.jobs.assembly import assemble_jobs
from fusion.wire.life import encounter_servicer, gallery_servicer
from fusion.wire.reviewing import ReviewCases, Reviewing, connect_reviews, outcomes_of
from fusion.wire.witness.opening import open_audit, recorded
from gallery.erased_memory import overwrite_freed
from gallery.erasure_follower import scrubbed_after_erasures
from gallery.store.open_store import check_store, open_store
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from infra.deadlines import seconds_left
from infra.serving.server import Registration, Server, run_process
from infra.settings import PORTS, Settings


def assemble(
    matchers: Matchers,
    store: SubjectStore,
    settings: Settings,
    load: Load = ScoreFusion.from_json,
    model: FusionModel | None = None,
    reviews: ReviewCases | None = None,
) -> list[Registration]:
    """Build the services from these matchers, this store, and the built-in model, which is read if it is not given.

    Review cases are opened where `reviews` are, of the outcomes that the settings name.
    """
    model = model or fusion_model(settings)
    uploaded, default_s = UploadedModels(store, load), settings.default_deadline_s
    guard = DuplicateGuard(matchers, store, model)
    recorder = Recorder(Path(settings.shadow_file)) if settings.shadow_file else None
    outcomes = outcomes_of(settings.review_outcomes)
    reviewing = Reviewing(reviews, outcomes, with_samples=settings.review_keep_images) if reviews and outcomes else None
    subjects = subject_servicer.SubjectServicer(matchers, store, guard, default_s, min_quality(settings))
    decisions = decision_servicer.DecisionServicer(matchers, store, model, default_s, uploaded, recorder, reviewing)
    models = fusion_model_servicer.FusionModelServicer(model, uploaded)
    encounters = encounter_servicer.EncounterServicer(matchers, store, default_s, min_quality(settings))
    galleries = gallery_servicer.GalleryServicer(store)
    return [
        Registration(subject_servicer.NAME, partial(add_SubjectServiceServicer_to_server, subjects)),
        Registration(
            decision_servicer.NAME,
            partial(add_DecisionServiceServicer_to_server, decisions),
            readings=cache(lambda: tuple(readings(model))),
        ),
        Registration(fusion_model_servicer.NAME, partial(add_FusionModelServiceServicer_to_server, models)),
        Registration(encounter_servicer.NAME, partial(add_EncounterServiceServicer_to_server, encounters)),
        Registration(gallery_servicer.NAME, partial(add_GalleryServiceServicer_to_server, galleries)),
    ]


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    store = open_store(settings.store, StoreOptions.of(settings), left_s=seconds_left)
    await check_store(store)
    model = fusion_model(settings)
    audit = open_audit(settings, model)
    server = Server(settings, PORTS["fusion"], door=door_of(settings, store, audit.calls if audit else None))
    matchers, reviews = connect_all(settings), connect_reviews(settings)
    witness = audit.jobs if audit else None
    jobs = assemble_jobs(matchers, store, model, settings, witness, lambda: server.has_waiting)
    services = [*assemble(matchers, store, settings, model=model, reviews=reviews), *jobs.registrations]
    async with scrubbed_after_erasures(store):
        async with helpers(settings):
            await server.start(recorded(services, audit))
            jobs.engine.start()
            await server.run_until_signal()
        await jobs.engine.close()
    for matcher in matchers.values():
        await matcher.close()
    if reviews:
        await reviews.close()
    await store.close()
    if audit:
        await audit.close()


def main() -> None:
    """Run the fusion service as the environment configures it."""
    overwrite_freed()
    run_process(run)


if __name__ == "__main__":
    main()
