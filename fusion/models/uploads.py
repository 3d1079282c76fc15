"""Fusion models that callers upload: kept in the store, parsed once per process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache

from biometrics.errors import ConfigurationInvalid, FieldInvalid, FusionModelNotFound, StoreUnavailable
from biometrics.score_fusion.fusion import ScoreFusion
from gallery.store.port import SubjectStore
from gallery.subject import check_id
from infra.requests.idempotence import check_request_id, digest_of
from infra.requests.paging import page_size

MAX_BYTES = 4 * 1024 * 1024
CACHED_COUNT = 16
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

Load = Callable[[str], ScoreFusion]
"""Parses JSON text into a fusion model. Raises ConfigurationInvalid if the text is not one."""


class UploadedModels:
    """Uploaded fusion models by id. Their text is read at every use, so every replica sees a deletion at once.

    Args:
        store: the store that holds the texts.
        load: parses a text; the models of the last 16 texts are cached.
    """

    def __init__(self, store: SubjectStore, load: Load) -> None:
        self._store = store
        self._load = lru_cache(CACHED_COUNT)(load)

    async def upload(self, text: str, request_id: str) -> tuple[ScoreFusion, bool]:
        """Check and store a model.

        Returns:
            The model, and whether this request was a repetition.

        Raises:
            FieldInvalid: the text is no fusion model or over 4 MiB, or the request id is no UUID of version 4.
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
        """Read one model.

        Raises:
            FieldInvalid: the id has the wrong form.
            FusionModelNotFound: no such model.
            StoreUnavailable: this version cannot read its text (reason RECORD_UNREADABLE).
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
        """One page of models in order of id, and the token of the next page.

        Args:
            asked: page size; 0 means 20, more than 100 means 100.
            page_token: token that the previous page returned, "" for the first page.

        Raises:
            FieldInvalid: the page size is negative, or the page token was not returned by a previous page.
        """
        page = await self._store.list_models(page_size(asked, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE), page_token)
        found = []
        for model_id in page.model_ids:
            try:
                found.append(await self.get(model_id))
            except FusionModelNotFound:  # deleted since it was listed
                continue
        return found, page.next_page_token

    async def delete(self, model_id: str, request_id: str) -> bool:
        """Delete a model; return whether this request was a repetition.

        Raises:
            FieldInvalid: an id has the wrong form.
            FusionModelNotFound: no such model.
            RequestIdReused: the request id was used for another request.
        """
        model_id, request_id = check_id(model_id, "fusion_model_id"), check_request_id(request_id)
        digest = digest_of([b"delete model", model_id.encode()])
        return (await self._store.delete_model(model_id, request_id, digest)).replayed
