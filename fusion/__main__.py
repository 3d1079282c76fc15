"""`python -m fusion`: the fusion service in a process of its own."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from biofusion.fusion.v1.decisions_pb2_grpc import add_DecisionServiceServicer_to_server
from biofusion.fusion.v1.encounters_pb2_grpc import add_EncounterServiceServicer_to_server
from biofusion.fusion.v1.fusion_models_pb2_grpc import add_FusionModelServiceServicer_to_server
from biofusion.fusion.v1.galleries_pb2_grpc import add_GalleryServiceServicer_to_server
from biofusion.fusion.v1.subjects_pb2_grpc import add_SubjectServiceServicer_to_server

from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.template import Modality
from fusion.duplicates.guard import DuplicateGuard
from fusion.matching.connect import connect
from fusion.matching.matchers import GrpcMatcher
from fusion.models.model import FusionModel
from fusion.models.uploads import Load, UploadedModels
from fusion.samples.probes import Matchers
from fusion.samples.quality_gate import MinQuality
from fusion.shadow.recorder import Recorder
from fusion.wire import decision_servicer, fusion_model_servicer, subject_servicer
from fusion.wire.jobs.assembly import assemble_jobs
from fusion.wire.life import encounter_servicer, gallery_servicer
from gallery.erased_memory import overwrite_freed
from gallery.erasure_follower import scrub_after_erasures
from gallery.store.open_store import check_store, open_store
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from infra.calibrations import load_all, load_dependence
from infra.calibrations.pairs import calibrated_pairs
from infra.deadlines import seconds_left
from infra.serving.server import Registration, Server, run_process
from infra.settings import PORTS, Settings

COMPARATORS = {
    Modality.FACE: "face-cosine-1",
    Modality.FINGERPRINT: "fingerprint-elastic-2",
    Modality.IRIS: "iris-hamming-2",
}
"""Comparator id of each matching service of this version."""


def fusion_model(settings: Settings) -> FusionModel:
    """The fusion model of the shipped calibrations and dependences, with the configured error rates."""
    return FusionModel(
        load_all(),
        COMPARATORS,
        settings.fmr,
        settings.fpir,
        settings.review_band_llr,
        min_quality(settings),
        settings.enrolled_prior,
        load_dependence(),
        calibrated_pairs(),
    )


def min_quality(settings: Settings) -> MinQuality:
    """The configured quality, by modality, below which a sample is not enrolled and no decision hinges on it."""
    return {
        Modality.FACE: settings.min_quality_face,
        Modality.FINGERPRINT: settings.min_quality_fingerprint,
        Modality.IRIS: settings.min_quality_iris,
    }


def assemble(
    matchers: Matchers, store: SubjectStore, settings: Settings, load: Load = ScoreFusion.from_json
) -> list[Registration]:
    """Build the services from these matchers and this store."""
    model, uploaded, default_s = fusion_model(settings), UploadedModels(store, load), settings.default_deadline_s
    guard = DuplicateGuard(matchers, store, model)
    recorder = Recorder(Path(settings.shadow_file)) if settings.shadow_file else None
    subjects = subject_servicer.SubjectServicer(matchers, store, guard, default_s, min_quality(settings))
    decisions = decision_servicer.DecisionServicer(matchers, store, model, default_s, uploaded, recorder)
    models = fusion_model_servicer.FusionModelServicer(model, uploaded)
    encounters = encounter_servicer.EncounterServicer(matchers, store, default_s, min_quality(settings))
    galleries = gallery_servicer.GalleryServicer(store)
    return [
        Registration(subject_servicer.NAME, partial(add_SubjectServiceServicer_to_server, subjects)),
        Registration(decision_servicer.NAME, partial(add_DecisionServiceServicer_to_server, decisions)),
        Registration(fusion_model_servicer.NAME, partial(add_FusionModelServiceServicer_to_server, models)),
        Registration(encounter_servicer.NAME, partial(add_EncounterServiceServicer_to_server, encounters)),
        Registration(gallery_servicer.NAME, partial(add_GalleryServiceServicer_to_server, galleries)),
    ]


def connect_all(settings: Settings) -> dict[Modality, GrpcMatcher]:
    """Connect to the matching services at the configured targets."""
    targets = {
        Modality.FACE: settings.face_target,
        Modality.FINGERPRINT: settings.fingerprint_target,
        Modality.IRIS: settings.iris_target,
    }
    return {
        modality: connect(modality, target, settings.max_message_bytes, settings.tls_authority)
        for modality, target in targets.items()
    }


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    store = open_store(settings.store, StoreOptions.of(settings), left_s=seconds_left)
    await check_store(store)
    server = Server(settings, PORTS["fusion"])
    matchers = connect_all(settings)
    jobs = assemble_jobs(matchers, store, fusion_model(settings), settings)
    await server.start([*assemble(matchers, store, settings), *jobs.registrations])
    jobs.engine.start()
    erasures = asyncio.create_task(scrub_after_erasures(store))
    await server.run_until_signal()
    await jobs.engine.close()
    erasures.cancel()
    await asyncio.gather(erasures, return_exceptions=True)
    for matcher in matchers.values():
        await matcher.close()
    await store.close()


def main() -> None:
    """Run the fusion service as the environment configures it."""
    overwrite_freed()
    run_process(run)


if __name__ == "__main__":
    main()
