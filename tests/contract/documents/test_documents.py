"""Documents of every kind of store: versions, order, limits, and writers that meet."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from biometrics.errors import DocumentChanged, FieldInvalid
from gallery.store.backend import Backend
from gallery.store.documents.port import Document, Documents
from gallery.store.documents.rules import MAX_BODY_BYTES, MAX_KEY_BYTES, partition_of_key

OpenBackend = Callable[[], Backend]


async def keys(documents: Documents, after: str = "", limit: int = 1000, prefix: str = "") -> list[str]:
    """The keys of the documents of collection c."""
    return [each.key for each in await documents.list("c", after, limit, prefix)]


async def test_a_document_is_read_as_it_was_put(documents: Documents) -> None:
    """Any bytes come back under their key, in their collection only."""
    for body in (b"", b" 12 x", bytes(range(256)), b"x" * MAX_BODY_BYTES):
        found = await documents.get("c", "k")
        version = await documents.put("c", "k", body, found.version if found else 0)
        assert Document("k", version, body) == await documents.get("c", "k")
    assert None is await documents.get("d", "k")
    assert None is await documents.get("c", "k2")


async def test_a_write_must_know_the_version(documents: Documents) -> None:
    """A put or deletion with another version than the document has changes nothing."""
    first = await documents.put("c", "k", b"1", 0)
    second = await documents.put("c", "k", b"2", first)
    assert second > first > 0
    for expected in (0, first, second + 1, -1):
        with pytest.raises(DocumentChanged) as caught:
            await documents.put("c", "k", b"3", expected)
        assert {"collection": "c", "version": str(second)} == caught.value.metadata
        with pytest.raises(DocumentChanged):
            await documents.delete("c", "k", expected)
    with pytest.raises(DocumentChanged):
        await documents.put("c", "other", b"3", second)
    assert [Document("k", second, b"2")] == await documents.list("c", "", 10)


async def test_no_version_is_met_again(documents: Documents) -> None:
    """A document that is made again after its deletion has a greater version, so that an old writer is refused."""
    old = await documents.put("c", "k", b"1", 0)
    await documents.delete("c", "k", old)
    assert None is await documents.get("c", "k")
    with pytest.raises(DocumentChanged):
        await documents.delete("c", "k", old)
    with pytest.raises(DocumentChanged):
        await documents.delete("c", "k", 0)
    assert await documents.put("c", "k", b"1", 0) > old


async def test_lists_are_in_the_order_of_bytes(documents: Documents) -> None:
    """Pages of keys follow one another in the order of UTF-8, over all partitions, also of one beginning."""
    rng = random.Random(3)
    names = {"".join(rng.choices("ab/é\U0010ffff\0 ", k=rng.randrange(1, 6))) for _ in range(120)}
    wanted = sorted(names, key=str.encode)
    for each in rng.sample(wanted, len(wanted)):
        await documents.put("c", each, b"", 0)
    assert wanted == await keys(documents)
    paged, after = list[str](), ""
    while page := await keys(documents, after, 7):
        paged, after = paged + page, page[-1]
    assert wanted == paged
    for prefix in ("a", "a/", "\U0010ffff", "b/a", "/", "\0", "zz"):
        own = [each for each in wanted if each.startswith(prefix)]
        assert own == await keys(documents, prefix=prefix)
        assert own[3:5] == await keys(documents, own[2] if len(own) > 2 else "zzz", 2, prefix)
    assert [] == await keys(documents, limit=0)


async def test_many_are_read_at_once(documents: Documents) -> None:
    """A batch answers in the order of the keys, with None for those that are missing, also if a key is named twice."""
    for number in range(20):
        await documents.put("c", f"job{number}/{number}", b"%d" % number, 0)
    asked = ["job7/7", "job0/0", "none", "job7/7", "job19/19"]
    found = await documents.get_many("c", asked)
    assert [b"7", b"0", None, b"7", b"19"] == [each and each.body for each in found]
    assert [] == await documents.get_many("c", [])


async def test_of_writers_that_meet_one_wins(open_backend: OpenBackend) -> None:
    """200 increments by 8 writers in two store objects are 200 in the end: none overwrites another one."""
    opened = [open_backend().documents for _ in range(2)]
    await opened[0].put("c", "n", b"0", 0)

    async def add(documents: Documents) -> None:
        for _ in range(25):
            while True:
                found = await documents.get("c", "n")
                assert found is not None
                try:
                    await documents.put("c", "n", b"%d" % (int(found.body) + 1), found.version)
                    break
                except DocumentChanged:
                    continue

    await asyncio.gather(*(add(opened[number % 2]) for number in range(8)))
    found = await opened[1].get("c", "n")
    assert found is not None
    assert b"200" == found.body


async def test_documents_survive_their_process(open_backend: OpenBackend) -> None:
    """What was put is there for whoever opens the store next."""
    first = open_backend()
    version = await first.documents.put("c", "k", b"1", 0)
    assert Document("k", version, b"1") == await open_backend().documents.get("c", "k")


@pytest.mark.parametrize("collection", ["", "C", "1", "a b", "a" * 64, "a\n", "é", "a:b", "{a}"])
async def test_names_of_collections_are_checked(documents: Documents, collection: str) -> None:
    """A name that could be mistaken for something else is refused by every call."""
    for call in (
        documents.get(collection, "k"),
        documents.get_many(collection, ["k"]),
        documents.put(collection, "k", b"", 0),
        documents.delete(collection, "k", 1),
        documents.list(collection, "", 1),
    ):
        with pytest.raises(FieldInvalid):
            await call


@pytest.mark.parametrize("key", ["", "k" * (MAX_KEY_BYTES + 1), "é" * (MAX_KEY_BYTES // 2 + 1), "\ud800"])
async def test_keys_are_checked(documents: Documents, key: str) -> None:
    """An empty key, one that is too long, and one that is no text are refused; the longest is not."""
    for call in (documents.get("c", key), documents.put("c", key, b"", 0), documents.delete("c", key, 1)):
        with pytest.raises(FieldInvalid):
            await call
    await documents.put("c", "k" * MAX_KEY_BYTES, b"", 0)


async def test_sizes_are_limited(documents: Documents) -> None:
    """More bytes than a document may have, and more documents than one call may read, are refused."""
    with pytest.raises(FieldInvalid):
        await documents.put("c", "k", b"x" * (MAX_BODY_BYTES + 1), 0)
    for limit in (-1, 1001):
        with pytest.raises(FieldInvalid):
            await documents.list("c", "", limit)
    with pytest.raises(FieldInvalid):
        await documents.get_many("c", ["k"] * 1001)


def test_documents_of_one_beginning_are_kept_together() -> None:
    """What precedes the first "/" decides the partition, and beginnings are spread over all partitions."""
    assert {partition_of_key("a/b", 64)} == {partition_of_key(each, 64) for each in ("a", "a/", "a/c/d")}
    assert set(range(64)) == {partition_of_key(f"{n}/x", 64) for n in range(1000)}
