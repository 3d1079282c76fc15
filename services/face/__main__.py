"""`python -m services.face`: the face service in a process of its own."""

from __future__ import annotations

from biofusion.face.v1.face_pb2_grpc import add_FaceServiceServicer_to_server

from gallery.store.port import SubjectStore
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import MatchingService, loaded_models, matching_service, recognizer
from services.face import networks
from services.face.comparator import AT_ONCE, SEGMENT_ROWS
from services.face.servicer import NAME, FaceServicer
from services.running import main


def assemble(store: SubjectStore, workers: Workers, settings: Settings) -> MatchingService:
    """The service with its models loaded. With two networks it compares templates of SFace alone, too.

    Raises:
        ModelUnavailable, ModelCorrupt: a model cannot be loaded.
    """
    core = recognizer(
        networks.extractor(settings),
        networks.comparator(settings),
        store,
        workers,
        settings,
        AT_ONCE,
        SEGMENT_ROWS,
        others=[(comparator, None) for comparator in networks.earlier(settings)],
    )
    servicer = FaceServicer(core, loaded_models(*networks.names(settings)))
    return matching_service(NAME, servicer, add_FaceServiceServicer_to_server, core)


if __name__ == "__main__":
    main("face", assemble)
