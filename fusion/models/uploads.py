"""The fusion models that callers uploaded: kept in the store, parsed once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache

from biometrics.errors import ConfigurationInvalid, FieldInvalid, FusionModelNotFound, StoreUnavailable
from biometrics.score_fusion.fusion import ScoreFusion
from fusion.requests.idempotence import check_request_id, digest_of
from fusion.requests.limits import page_size
from gallery.store.port import SubjectStore
from gallery.subject import check_id

MAX_BYTES = 4 * 1024 * 1024
CACHED_COUNT = 16
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

Load = Callable[[str], ScoreFusion]
"""JSON text → fusion model. Raises ConfigurationInvalid where it is none."""


class UploadedModels:
    """Fusion models by id. The text is read at every use, so that a deletion is seen at once by every replica.

    Args:
        store: where they are kept.
        load: reads a model's text; what it gave for the last 16 texts is kept.
    """

    def __init__(self, store: SubjectStore, load: Load) -> None:
        self._store = store
        self._load = lru_cache(CACHED_COUNT)(load)

    async def upload(self, text: str, request_id: str) -> tuple[ScoreFusion, bool]:
        """Check and keep a model; also, whether this request had done so before.

        Raises:
            FieldInvalid: no fusion model, or too large a one, or a request id that is no UUID.
            RequestIdReused: the request id was used for another request.
        """
        request_id = check_request_id(request_id)
        if len(text.encode()) > MAX_BYTES:
            raise FieldInvalid("model_json", f"at most {MAX_BYTES} bytes are taken.")
        try:
            model = await asyncio.to_thread(self._load, text)
        except ConfigurationInvalid as error:
            raise FieldInvalid("model_json", error.message) from error
        except RecursionError as error:
            raise FieldInvalid("model_json", "it is nested too deeply to be a fusion model.") from error
        digest = digest_of([b"upload", model.fusion_model_id.encode()])
        receipt = await self._store.put_model(model.fusion_model_id, model.to_json(), request_id, digest)
        return model, receipt.replayed

    async def get(self, model_id: str) -> ScoreFusion:
        """The model.

        Raises:
            FieldInvalid: an id that cannot be.
            FusionModelNotFound: no such model.
            StoreUnavailable: its text cannot be read by this version (reason RECORD_UNREADABLE).
        """
        text = await self._store.model(check_id(model_id, "fusion_model_id"))
        try:
            return await asyncio.to_thread(self._load, text)
        except ConfigurationInvalid as error:
            raise StoreUnavailable(
                f"Fusion model {model_id} is damaged or of another version. Delete it, and upload it again.",
                reason="RECORD_UNREADABLE",
            ) from error

    async def page(self, asked: int, page_token: str) -> tuple[Sequence[ScoreFusion], str]:
        """Models in order of id, and where the next page begins.

        Args:
            asked: how many; 0 means 20, more than 100 means 100.
            page_token: of the page before.

        Raises:
            FieldInvalid: a negative page size, or a page token that was not returned.
        """
        page = await self._store.list_models(page_size(asked, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE), page_token)
        found = []
        for model_id in page.model_ids:
            try:
                found.append(await self.get(model_id))
            except FusionModelNotFound:  # deleted since
                continue
        return found, page.next_page_token

    async def delete(self, model_id: str, request_id: str) -> bool:
        """Delete a model; whether this request had done so before.

        Raises:
            FieldInvalid: an id that cannot be.
            FusionModelNotFound: no such model.
            RequestIdReused: the request id was used for another request.
        """
        model_id, request_id = check_id(model_id, "fusion_model_id"), check_request_id(request_id)
        digest = digest_of([b"delete model", model_id.encode()])
        return (await self._store.delete_model(model_id, request_id, digest)).replayed
