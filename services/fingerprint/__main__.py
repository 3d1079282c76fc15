"""`python -m services.fingerprint`: the fingerprint service in a process of its own."""

from __future__ import annotations

from biofusion.fingerprint.v1.fingerprint_pb2_grpc import add_FingerprintServiceServicer_to_server

from gallery.store.port import SubjectStore
from infra.calibrations import load_calibration
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import MatchingService, loaded_models, matching_service, recognizer
from services.calibrated_models import Load
from services.fingerprint.comparator import (
    AT_ONCE,
    EXHAUSTIVE_ROWS,
    EarlierMinutiaeComparator,
    FingerprintComparator,
    ForeignMinutiaeComparator,
)
from services.fingerprint.extraction.network import MinutiaeNetwork
from services.fingerprint.extraction.ridge_signs import NAME as RIDGE_SIGNS
from services.fingerprint.extraction.ridge_signs import RidgeSigns
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.servicer import NAME, FingerprintServicer
from services.running import main


def assemble(
    store: SubjectStore, workers: Workers, settings: Settings, load: Load = load_calibration
) -> MatchingService:
    """The service with its models loaded. It compares templates of the previous model and minutiae of others too.

    Args:
        store: the system of record.
        workers: threads for computation.
        settings: limits and number of threads.
        load: the calibrations.

    Raises:
        ModelUnavailable, ModelCorrupt: a model cannot be loaded.
    """
    network = MinutiaeNetwork.load()
    extractor, comparator = FingerprintExtractor(network, RidgeSigns.load()), FingerprintComparator()
    core = recognizer(
        extractor,
        comparator,
        store,
        workers,
        settings,
        AT_ONCE,
        exhaustive_rows=EXHAUSTIVE_ROWS,
        others=[(EarlierMinutiaeComparator(), None), (ForeignMinutiaeComparator(), None)],
        load=load,
    )
    servicer = FingerprintServicer(core, extractor, loaded_models(network.name, RIDGE_SIGNS))
    return matching_service(NAME, servicer, add_FingerprintServiceServicer_to_server, core, servicer.fingers)


if __name__ == "__main__":
    main("fingerprint", assemble)
