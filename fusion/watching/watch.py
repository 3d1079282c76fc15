"""Follows the changes of subjects from a token on, without an end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from biometrics.errors import FieldInvalid
from fusion.watching.shared_feed import SharedFeed, Told
from gallery.store.port import SubjectStore
from gallery.store.tokens import partitions_of
from gallery.store.values import ChangeKind, ConsistencyToken
from gallery.subject import check_id
from infra.deadlines import Deadline
from infra.wire.field_paths import relocated

HEARTBEAT_S = 30.0
"""Seconds of silence after which a token alone is told."""


@dataclass(frozen=True, slots=True)
class News:
    """A change, or a token alone.

    Args:
        token: to go on after it.
        kind: what happened; None: nothing did.
        subject_id: the subject that was put; "" for an erasure.
        name: stands for the subject in this store; b"" if nothing happened.
    """

    token: ConsistencyToken
    kind: ChangeKind | None = None
    subject_id: str = ""
    name: bytes = b""


async def watch(
    store: SubjectStore, feed: SharedFeed, resume: ConsistencyToken, gallery: str, heartbeat_s: float = HEARTBEAT_S
) -> AsyncGenerator[News, None]:
    """The changes after a token, or from now on; then a token alone comes at once, and in silence from time to time.

    Args:
        store: the store of enrolled subjects.
        feed: its feeds.
        resume: a token of an earlier answer; "": from now on.
        gallery: only subjects that are in it now, and all erasures; "": all.
        heartbeat_s: seconds of silence before a token alone.

    Raises:
        FieldInvalid: the token or the gallery cannot be used.
        FeedTruncated: the feed does not reach back to the token.
        StoreSetBack: the token's write was lost.
        StoreUnavailable: the store does not answer.
    """
    if gallery:
        gallery = await store.resolve(check_id(gallery, "gallery"))
    at = await _begin(store, resume)
    if not resume:
        yield News(at)
    silent = Deadline.after(heartbeat_s)
    while True:
        for told in await feed.after(at, silent.left_s):
            at = told.token
            if _is_wanted(told, gallery):
                yield _news(told)
                silent = Deadline.after(heartbeat_s)
        if silent.has_passed:
            yield News(at)
            silent = Deadline.after(heartbeat_s)


async def _begin(store: SubjectStore, resume: ConsistencyToken) -> ConsistencyToken:
    """Where to begin. A token of a single write names one partition: the others could not be followed without a gap."""
    if not resume:
        return await store.position()
    try:
        await store.check(resume)
        named = len(partitions_of(resume))
    except FieldInvalid as error:
        raise relocated(error, "consistency_token", "resume_token") from None
    if named < await store.partition_count():
        raise FieldInvalid("resume_token", "This is the token of a write. Use one that WatchChanges returned.")
    return resume


def _is_wanted(told: Told, gallery: str) -> bool:
    """Whether a watcher of this gallery is told. A subject that is not there any more is erased by a later change."""
    if told.kind is ChangeKind.DELETE:
        return True
    return told.subject is not None and (not gallery or gallery in told.subject.galleries)


def _news(told: Told) -> News:
    return News(told.token, told.kind, told.subject.subject_id if told.subject else "", told.name)
