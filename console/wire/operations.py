"""What operators ask of the fusion and matching services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from biofusion.fusion.v1 import fusion_models_pb2, galleries_pb2, jobs_pb2
from biofusion.matching.v1 import matching_pb2
from google.longrunning import operations_pb2

from console.people.person import Person
from console.values.operators import Calibrated, Gallery, Job, Model, Reached, Running
from console.wire.calls import Calls
from console.wire.names import name, time_of
from infra.calling.calls import CallFailed

MOST_JOBS = 200
WITHIN_S = 5.0


class Operations:
    """Facts for operators. All methods but `services` raise CallFailed.

    Args:
        calls: to the services.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def galleries(self, person: Person) -> list[Gallery]:
        """All galleries with their numbers of subjects."""
        request = galleries_pb2.ListGalleriesRequest()
        answer = await self._calls.ask(self._calls.fusion.galleries.ListGalleries, request, person, within_s=WITHIN_S)
        aliases: dict[str, list[str]] = defaultdict(list)
        for each in answer.aliases:
            aliases[each.gallery].append(each.alias)
        return [Gallery(each.gallery, each.subject_count, tuple(aliases[each.gallery])) for each in answer.galleries]

    async def jobs(self, person: Person) -> list[Job]:
        """The jobs there are, newest first."""
        request = operations_pb2.ListOperationsRequest(page_size=MOST_JOBS)
        method = self._calls.fusion.operations.ListOperations
        answer = await self._calls.ask(method, request, person, within_s=WITHIN_S)
        return sorted(map(_job, answer.operations), key=lambda job: str(job.created), reverse=True)

    async def model(self, person: Person) -> Model:
        """How scores become decisions."""
        request = fusion_models_pb2.GetFusionModelRequest()
        method = self._calls.fusion.models.GetFusionModel
        model = (await self._calls.ask(method, request, person, within_s=WITHIN_S)).model
        return Model(
            model.fusion_model_id,
            model.default_fmr,
            model.default_fpir,
            model.review_band_llr,
            model.default_enrolled_prior,
            tuple(map(_calibrated, model.calibrations)),
            tuple(map(_reached, model.reaches)),
        )

    async def services(self, person: Person) -> list[Running]:
        """What each matching service runs."""
        return [await self._running(person, *each) for each in self._calls.matchers.items()]

    async def _running(self, person: Person, service: str, stubs: Sequence[Any]) -> Running:
        """As the first of its addresses says that has it."""
        fault = ""
        for stub in stubs:
            request = matching_pb2.GetServiceInfoRequest()
            try:
                info = (await self._calls.ask(stub.GetServiceInfo, request, person, within_s=WITHIN_S)).info
            except CallFailed as error:
                fault = error.reason or error.status
            else:
                models = tuple(each.model_id for each in info.compared_models)
                more = info.subject_count, info.unreadable_subject_count
                return Running(service, "", info.version, info.model_id, info.comparator_id, models, *more)
        return Running(service, fault)


def _job(operation: operations_pb2.Operation) -> Job:
    said = jobs_pb2.JobMetadata()
    operation.metadata.Unpack(said)
    return Job(
        operation.name.removeprefix("operations/"),
        name(jobs_pb2.JobKind, said.kind),
        name(jobs_pb2.JobState, said.state),
        time_of(said, "create_time"),
        time_of(said, "end_time"),
        said.done_count,
        said.refused_count,
        said.repeated_count,
        said.total_count,
        said.total_is_final,
        said.rate,
        said.status_detail,
    )


def _calibrated(calibration: Any) -> Calibrated:
    return Calibrated(
        calibration.comparator_id,
        calibration.model_id,
        calibration.source,
        calibration.people_count,
        calibration.non_mated_count,
        calibration.max_llr,
        calibration.lowest_fmr,
    )


def _reached(reach: fusion_models_pb2.Reach) -> Reached:
    counts = reach.face_count, reach.fingerprint_count, reach.iris_count
    return Reached(*counts, reach.max_llr, reach.lowest_fmr, reach.largest_gallery)
