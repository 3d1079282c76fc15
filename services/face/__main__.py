"""`python -m services.face`: the face service in a process of its own."""

from __future__ import annotations

from biofusion.face.v1.face_pb2_grpc import add_FaceServiceServicer_to_server

from gallery.store.port import SubjectStore
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import MatchingService, loaded_models, main, matching_service, recognizer
from services.face.comparator import AT_ONCE, SEGMENT_ROWS, FaceComparator
from services.face.extractor import FaceExtractor
from services.face.servicer import NAME, FaceServicer


def assemble(store: SubjectStore, workers: Workers, settings: Settings) -> MatchingService:
    """The service with its models loaded.

    Raises:
        ModelUnavailable, ModelCorrupt: a model cannot be loaded.
    """
    core = recognizer(FaceExtractor.load(), FaceComparator(), store, workers, settings, AT_ONCE, SEGMENT_ROWS)
    servicer = FaceServicer(core, loaded_models("yunet", "sface"))
    return matching_service(NAME, servicer, add_FaceServiceServicer_to_server, core)


if __name__ == "__main__":
    main("face", assemble)
