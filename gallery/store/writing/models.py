"""Uploaded fusion models, kept as texts."""

from __future__ import annotations

from gallery.store.backend import Backend
from gallery.store.changes import Outcome
from gallery.store.page_tokens import Listing, model_page, parse_page_token
from gallery.store.rules import fusion_model_not_found
from gallery.store.values import ModelPage, Receipt
from gallery.store.writing.requests import raise_if_reused, request_of, token_of


class Models:
    """The fusion models of a store.

    Args:
        backend: keeps them.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def put(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """Store a model, or delete it if the text is ""; see SubjectStore."""
        written = await self._backend.put_model(model_id, text, request_of(request_id, digest))
        raise_if_reused(request_id, digest, written.content)
        if written.position is None:
            raise fusion_model_not_found(model_id)
        token = token_of(await self._backend.identity(), written.position).token
        return Receipt(request_id, digest, model_id, "", token, written.outcome is Outcome.DONE)

    async def text(self, model_id: str) -> str:
        """See SubjectStore.model."""
        text = await self._backend.model(model_id)
        if text is None:
            raise fusion_model_not_found(model_id)
        return text

    async def page(self, page_size: int, page_token: str) -> ModelPage:
        """See SubjectStore.list_models."""
        after = parse_page_token(page_token, Listing.MODELS)
        return model_page(await self._backend.model_ids(after, page_size + 1), page_size)
