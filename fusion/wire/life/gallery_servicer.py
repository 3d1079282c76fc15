"""gRPC servicer of `GalleryService`: galleries, who is in which, and their aliases."""

from __future__ import annotations

from typing import TypeAlias

import grpc
from biofusion.fusion.v1 import galleries_pb2, galleries_pb2_grpc

from biometrics.errors import FieldInvalid
from fusion.requests.limits import require_few
from gallery.store.limits import MAX_GALLERIES
from gallery.store.port import SubjectStore
from gallery.subject import check_id
from infra.requests.idempotence import check_request_id, digest_of

NAME = galleries_pb2.DESCRIPTOR.services_by_name["GalleryService"].full_name

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class GalleryServicer(galleries_pb2_grpc.GalleryServiceServicer):
    """Lists galleries, puts subjects into them and takes them out, and names them.

    Args:
        store: the store of enrolled subjects.
    """

    def __init__(self, store: SubjectStore) -> None:
        self._store = store

    async def ListGalleries(
        self, request: galleries_pb2.ListGalleriesRequest, context: Context
    ) -> galleries_pb2.ListGalleriesResponse:
        """List galleries and aliases."""
        sizes, aliases = await self._store.galleries(), await self._store.aliases()
        return galleries_pb2.ListGalleriesResponse(
            galleries=[galleries_pb2.Gallery(gallery=each.gallery, subject_count=each.subject_count) for each in sizes],
            aliases=[galleries_pb2.GalleryAlias(alias=alias, gallery=gallery) for alias, gallery in aliases.items()],
        )

    async def JoinGalleries(
        self, request: galleries_pb2.JoinGalleriesRequest, context: Context
    ) -> galleries_pb2.JoinGalleriesResponse:
        """Add a subject to galleries."""
        receipt = await self._store.join_galleries(*_membership(request, b"join"))
        return galleries_pb2.JoinGalleriesResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def LeaveGalleries(
        self, request: galleries_pb2.LeaveGalleriesRequest, context: Context
    ) -> galleries_pb2.LeaveGalleriesResponse:
        """Take a subject out of galleries."""
        receipt = await self._store.leave_galleries(*_membership(request, b"leave"))
        return galleries_pb2.LeaveGalleriesResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def SetGalleryAlias(
        self, request: galleries_pb2.SetGalleryAliasRequest, context: Context
    ) -> galleries_pb2.SetGalleryAliasResponse:
        """Let an alias stand for a gallery."""
        alias, gallery = check_id(request.alias, "alias"), check_id(request.gallery, "gallery")
        request_id = check_request_id(request.request_id)
        before = (await self._store.aliases()).get(alias, "")
        digest = digest_of([b"alias", alias.encode(), gallery.encode()])
        receipt = await self._store.set_alias(alias, gallery, request_id, digest)
        previous = "" if receipt.replayed else before
        return galleries_pb2.SetGalleryAliasResponse(previous_gallery=previous, replayed=receipt.replayed)

    async def DeleteGalleryAlias(
        self, request: galleries_pb2.DeleteGalleryAliasRequest, context: Context
    ) -> galleries_pb2.DeleteGalleryAliasResponse:
        """Remove an alias."""
        alias, request_id = check_id(request.alias, "alias"), check_request_id(request.request_id)
        before = (await self._store.aliases()).get(alias, "")
        receipt = await self._store.delete_alias(alias, request_id, digest_of([b"unalias", alias.encode()]))
        gallery = "" if receipt.replayed else before
        return galleries_pb2.DeleteGalleryAliasResponse(gallery=gallery, replayed=receipt.replayed)


def _membership(
    request: galleries_pb2.JoinGalleriesRequest | galleries_pb2.LeaveGalleriesRequest, what: bytes
) -> tuple[str, list[str], str, str]:
    """Subject, galleries, request id and digest."""
    subject_id, request_id = check_id(request.subject_id, "subject_id"), check_request_id(request.request_id)
    require_few("galleries", request.galleries, MAX_GALLERIES)
    if not request.galleries:
        raise FieldInvalid("galleries", "name at least one.")
    galleries = sorted({check_id(each, f"galleries[{number}]") for number, each in enumerate(request.galleries)})
    return subject_id, galleries, request_id, digest_of([what, subject_id.encode(), *map(str.encode, galleries)])
