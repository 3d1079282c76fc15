"""gRPC servicer of `FusionModelService`: the built-in fusion model, and those that callers upload."""

from __future__ import annotations

from typing import TypeAlias

import grpc
from biofusion.fusion.v1 import fusion_models_pb2, fusion_models_pb2_grpc

from fusion.models.model import FusionModel
from fusion.models.uploads import UploadedModels
from fusion.wire import models as convert_models

NAME = fusion_models_pb2.DESCRIPTOR.services_by_name["FusionModelService"].full_name

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class FusionModelServicer(fusion_models_pb2_grpc.FusionModelServiceServicer):
    """Returns the built-in fusion model, and keeps the fusion models of callers.

    Args:
        model: the built-in fusion model.
        uploaded: the fusion models that callers uploaded.
    """

    def __init__(self, model: FusionModel, uploaded: UploadedModels) -> None:
        self._model = model
        self._uploaded = uploaded

    async def GetFusionModel(
        self, request: fusion_models_pb2.GetFusionModelRequest, context: Context
    ) -> fusion_models_pb2.GetFusionModelResponse:
        """Return the built-in fusion model."""
        return fusion_models_pb2.GetFusionModelResponse(model=convert_models.model_to_wire(self._model))

    async def UploadFusionModel(
        self, request: fusion_models_pb2.UploadFusionModelRequest, context: Context
    ) -> fusion_models_pb2.UploadFusionModelResponse:
        """Store a fusion model of the caller."""
        model, replayed = await self._uploaded.upload(request.model_json, request.request_id)
        wire = convert_models.uploaded_to_wire(model)
        return fusion_models_pb2.UploadFusionModelResponse(model=wire, replayed=replayed)

    async def ListFusionModels(
        self, request: fusion_models_pb2.ListFusionModelsRequest, context: Context
    ) -> fusion_models_pb2.ListFusionModelsResponse:
        """List the uploaded fusion models."""
        models, token = await self._uploaded.page(request.page_size, request.page_token)
        wire = map(convert_models.uploaded_to_wire, models)
        return fusion_models_pb2.ListFusionModelsResponse(models=wire, next_page_token=token)

    async def DeleteFusionModel(
        self, request: fusion_models_pb2.DeleteFusionModelRequest, context: Context
    ) -> fusion_models_pb2.DeleteFusionModelResponse:
        """Delete an uploaded fusion model."""
        replayed = await self._uploaded.delete(request.fusion_model_id, request.request_id)
        return fusion_models_pb2.DeleteFusionModelResponse(replayed=replayed)
