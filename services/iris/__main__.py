"""`python -m services.iris`: the iris service in a process of its own."""

from __future__ import annotations

from biofusion.iris.v1.iris_pb2_grpc import add_IrisServiceServicer_to_server

from gallery.store.port import SubjectStore
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import MatchingService, loaded_models, matching_service, recognizer
from services.iris.comparator import AT_ONCE, IrisComparator
from services.iris.extractor import MODELS, IrisExtractor
from services.iris.servicer import NAME, IrisServicer
from services.running import main


def assemble(store: SubjectStore, workers: Workers, settings: Settings) -> MatchingService:
    """The service with its models loaded.

    Raises:
        ModelUnavailable, ModelCorrupt: a model cannot be loaded.
    """
    core = recognizer(IrisExtractor.load(), IrisComparator(), store, workers, settings, AT_ONCE)
    servicer = IrisServicer(core, loaded_models(*MODELS))
    return matching_service(NAME, servicer, add_IrisServiceServicer_to_server, core)


if __name__ == "__main__":
    main("iris", assemble)
