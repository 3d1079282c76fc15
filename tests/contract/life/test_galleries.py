"""Galleries that are joined and left, and names that stand for galleries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.errors import (
    AliasNotFound,
    FieldInvalid,
    GalleryExists,
    GalleryNotFound,
    LastGallery,
    RequestIdReused,
    SubjectFull,
    SubjectNotFound,
)
from gallery.store.life.values import GallerySize
from gallery.store.subject_store import PartitionedStore
from gallery.store.writing.aliases import CACHED_S, Aliases
from gallery.store.writing.requests import any_request
from tests.contract.life.test_encounters import request
from tests.support.builders import enrolment
from tests.support.fakes.memory_backend import MemoryBackend


async def galleries_of(store: PartitionedStore, subject_id: str = "anna") -> tuple[str, ...]:
    """The galleries of a subject."""
    return (await store.get(subject_id)).galleries


async def test_a_subject_joins_and_leaves_galleries(store: PartitionedStore) -> None:
    """Those that it is in already, or is not in, are no error; lists and counts follow."""
    await store.enroll(enrolment("anna", galleries=("g1",)))
    await store.join_galleries("anna", ["g3", "g1", "g2"], *request())
    assert ("g1", "g2", "g3") == await galleries_of(store)
    await store.leave_galleries("anna", ["g1", "g9"], *request())
    assert ("g2", "g3") == await galleries_of(store)
    sizes = [GallerySize("default", 0), GallerySize("g1", 0), GallerySize("g2", 1), GallerySize("g3", 1)]
    assert sizes == list(await store.galleries())
    listed = [(await store.list(9, gallery=name)).subjects for name in ("g1", "g2")]
    assert [[], ["anna"]] == [[each.subject_id for each in subjects] for subjects in listed]


async def test_the_last_gallery_cannot_be_left(store: PartitionedStore) -> None:
    """Nor can all be left at once; nothing is changed."""
    await store.enroll(enrolment("anna", galleries=("g1", "g2")))
    with pytest.raises(LastGallery):
        await store.leave_galleries("anna", ["g1", "g2", "g3"], *request())
    assert ("g1", "g2") == await galleries_of(store)
    with pytest.raises(SubjectFull):
        await store.join_galleries("anna", [f"g{n}" for n in range(70)], *request())
    for call in (store.join_galleries, store.leave_galleries):
        with pytest.raises(SubjectNotFound):
            await call("nobody", ["g1"], *request())


async def test_joining_is_carried_out_once(store: PartitionedStore) -> None:
    """Its repetition after the gallery was left changes nothing."""
    await store.enroll(enrolment("anna", galleries=("g1",)))
    first = await store.join_galleries("anna", ["g2"], "r", "d")
    await store.leave_galleries("anna", ["g2"], *request())
    assert replace(first, replayed=True) == await store.join_galleries("anna", ["g2"], "r", "d")
    with pytest.raises(RequestIdReused):
        await store.leave_galleries("anna", ["g2"], "r", "other")
    assert ("g1",) == await galleries_of(store)


async def test_an_alias_stands_for_a_gallery(store: PartitionedStore) -> None:
    """Whoever is enrolled into it, listed or counted by it, is in the gallery; a switch is seen at once."""
    await store.enroll(enrolment("anna", galleries=("v1",)))
    await store.enroll(enrolment("ben", galleries=("v2",)))
    await store.set_alias("live", "v1", *request())
    await store.enroll(enrolment("cleo", galleries=("live", "v1")))
    assert ("v1",) == await galleries_of(store, "cleo")
    assert (2, 2) == (await store.count("live"), await store.count("v1"))
    await store.set_alias("live", "v2", *request())
    assert ["ben"] == [each.subject_id for each in (await store.list(9, gallery="live")).subjects]
    await store.join_galleries("anna", ["live"], *request())
    assert ("v1", "v2") == await galleries_of(store)
    assert ({"live": "v2"}, "v2", "v1", "") == (
        dict(await store.aliases()),
        *[await store.resolve(each) for each in ("live", "v1", "")],
    )
    await store.delete_alias("live", *request())
    with pytest.raises(GalleryNotFound):
        await store.count("live")
    assert ["default", "v1", "v2"] == [each.gallery for each in await store.galleries()]


async def test_an_alias_hides_no_gallery(store: PartitionedStore) -> None:
    """Nor does it stand for an alias, for itself, or for a gallery that never was."""
    await store.enroll(enrolment("anna", galleries=("v1",)))
    await store.enroll(enrolment("ben", galleries=("v2",)))
    await store.set_alias("live", "v1", *request())
    for alias, gallery, error in (
        ("v2", "v1", GalleryExists),
        ("other", "live", FieldInvalid),
        ("v1", "v2", FieldInvalid),
        ("v3", "v3", FieldInvalid),
        ("a b", "v1", FieldInvalid),
        ("other", "", FieldInvalid),
        ("other", "v9", GalleryNotFound),
    ):
        with pytest.raises(error):
            await store.set_alias(alias, gallery, *request())
    with pytest.raises(AliasNotFound):
        await store.delete_alias("other", *request())
    assert {"live": "v1"} == dict(await store.aliases())


async def test_an_alias_is_switched_once(store: PartitionedStore) -> None:
    """A repetition changes nothing, also after the alias was switched again or deleted."""
    for name in ("v1", "v2"):
        await store.enroll(enrolment(name, galleries=(name,)))
    first = await store.set_alias("live", "v1", "r", "d")
    await store.set_alias("live", "v2", *request())
    assert replace(first, replayed=True) == await store.set_alias("live", "v1", "r", "d")
    assert {"live": "v2"} == dict(await store.aliases())
    with pytest.raises(RequestIdReused):
        await store.set_alias("live", "v1", "r", "other")
    gone = await store.delete_alias("live", "s", "d")
    assert replace(gone, replayed=True) == await store.delete_alias("live", "s", "d")
    assert replace(first, replayed=True) == await store.set_alias("live", "v1", "r", "d")
    assert {} == dict(await store.aliases())


async def test_another_process_reads_the_aliases_again_after_a_second() -> None:
    """Until then it uses what it has read."""
    backend, now = MemoryBackend(), [100.0]
    here = Aliases(backend, lambda: now[0])
    assert "live" == await here.resolve("live")
    await backend.put_alias("live", "v1", any_request())
    assert "live" == await here.resolve("live")
    now[0] += CACHED_S + 0.1
    assert "v1" == await here.resolve("live")
