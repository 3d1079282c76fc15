"""Enrolment and deletion in every kind of store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from biometrics.errors import (
    EncounterExists,
    RequestIdReused,
    SubjectExists,
    SubjectNotFound,
)
from biometrics.template import Modality
from gallery.partitions import partition_of
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.store.values import START, Before, Enrolment, Receipt
from gallery.subject import Subject
from tests.support.builders import enrolment, random_encounter

OpenStore = Callable[..., SubjectStore]


async def test_an_enrolled_subject_is_read_as_it_was_written(store: SubjectStore) -> None:
    """A subject comes back equal in every field."""
    wanted = enrolment("anna", galleries=("b", "a"))
    await store.enroll(wanted)
    assert Subject("anna", ("a", "b"), (wanted.encounter,)) == await store.get("anna")


async def test_a_receipt_says_what_was_written(store: SubjectStore) -> None:
    """The receipt repeats the request and carries the feed position of the write."""
    receipt = await store.enroll(enrolment("anna", request_id="r", digest="d"))
    position = await store.position([partition_of("anna", await store.partition_count())])
    assert Receipt("r", "d", "anna", "e1", position) == receipt


async def test_a_second_encounter_is_added(store: SubjectStore) -> None:
    """A second encounter keeps the first, and the subject is in the galleries of both."""
    first = enrolment("anna", galleries=("a",))
    second = enrolment("anna", galleries=("b",), encounter_id="e2", create_subject=False)
    await store.enroll(first)
    await store.enroll(second)
    assert Subject("anna", ("a", "b"), (first.encounter, second.encounter)) == await store.get("anna")


async def test_a_repeated_request_is_answered_and_not_repeated(store: SubjectStore) -> None:
    """The second receipt is a replay whose token covers the write, and the feed has one change."""
    wanted = enrolment("anna")
    first = await store.enroll(wanted)
    second = await store.enroll(wanted)
    assert (True, "anna", "e1") == (second.replayed, second.subject_id, second.encounter_id)
    assert store.reached(second.token, first.token)
    assert 1 == len(await store.changes(START, 10, 0))


async def test_concurrent_queries_about_requests_are_each_answered(store: SubjectStore) -> None:
    """Of many queries one is refused as its id was used otherwise, some callers give up, the others are answered."""
    done = (await store.enroll(enrolment("anna", request_id="r", digest="d"))).token
    asked = [asyncio.ensure_future(store.before(f"r{number}", "d", "anna")) for number in range(200)]
    known = asyncio.ensure_future(store.before("r", "d", "anna"))
    other = asyncio.ensure_future(store.before("r", "other", "ben"))
    nobody = asyncio.ensure_future(store.before("n", "d", "ben"))
    await asyncio.sleep(0)  # lets all of them begin; no time is waited for
    asked[100].cancel()
    found = await asyncio.gather(*asked, known, other, nobody, return_exceptions=True)
    assert isinstance(found.pop(100), asyncio.CancelledError)
    assert [Before(None, subject_exists=True)] * 199 == found[:199]
    assert [True, Before(None, subject_exists=False)] == [store.reached(found[199].done, done), found[201]]
    assert isinstance(found[200], RequestIdReused)


async def test_a_repeated_deletion_is_answered(store: SubjectStore) -> None:
    """A deletion that is sent twice succeeds twice."""
    await store.enroll(enrolment("anna"))
    first = await store.delete("anna", "r", "d")
    second = await store.delete("anna", "r", "d")
    assert (False, True) == (first.replayed, second.replayed)


async def test_a_request_id_is_kept_over_reopening(open_store: OpenStore) -> None:
    """Another store object knows the request ids that were used, and no others."""
    done = (await open_store().enroll(enrolment("anna", request_id="r"))).token
    found = await open_store().before("r", "d", "anna")
    assert found.done is not None
    assert open_store().reached(found.done, done)
    assert Before(None, subject_exists=True) == await open_store().before("other", "d", "anna")
    assert Before(None, subject_exists=False) == await open_store().before("other", "d", "ben")
    with pytest.raises(RequestIdReused):
        await open_store().before("r", "other", "anna")


async def test_requests_are_known_after_their_subject_is_erased(store: SubjectStore) -> None:
    """Repeated enrolment and deletion are answered by their receipts, and nothing is written again."""
    wanted = enrolment("anna")
    await store.enroll(wanted)
    await store.delete("anna", "r", "d")
    position = await store.position()
    assert (True, True) == ((await store.enroll(wanted)).replayed, (await store.delete("anna", "r", "d")).replayed)
    assert (position, 0) == (await store.position(), await store.count())


@pytest.mark.parametrize(
    ("case", "error"),
    [
        (enrolment("anna"), SubjectExists),
        (enrolment("anna", create_subject=False), EncounterExists),
        (enrolment("ben", create_subject=False), SubjectNotFound),
        (enrolment("anna", request_id="r", digest="other"), RequestIdReused),
        (enrolment("ben", request_id="r", digest="other"), RequestIdReused),
    ],
)
async def test_a_refused_enrolment_has_its_own_error(
    store: SubjectStore, case: Enrolment, error: type[Exception]
) -> None:
    """Each refused enrolment has a named error and changes nothing."""
    await store.enroll(enrolment("anna", request_id="r"))
    before = (await store.get("anna"), await store.position(), await store.count())
    with pytest.raises(error):
        await store.check_enrolment(case)
    with pytest.raises(error):
        await store.enroll(case)
    assert before == (await store.get("anna"), await store.position(), await store.count())


async def test_a_tried_out_enrolment_changes_nothing(store: SubjectStore) -> None:
    """An enrolment that would succeed, or was carried out before, is not refused when it is tried out."""
    wanted = enrolment("anna", request_id="r")
    await store.check_enrolment(wanted)
    assert (0, Before(None, subject_exists=False)) == (await store.count(), await store.before("r", "d", "anna"))
    await store.enroll(wanted)
    await store.check_enrolment(wanted)
    await store.check_enrolment(enrolment("anna", encounter_id="e2", create_subject=False))
    assert 1 == len((await store.get("anna")).encounters)


async def test_a_refused_deletion_has_its_own_error(store: SubjectStore) -> None:
    """An unknown subject is not found, and a used request id is refused."""
    await store.enroll(enrolment("anna", request_id="r"))
    with pytest.raises(SubjectNotFound):
        await store.delete("ben", "r2", "d")
    with pytest.raises(RequestIdReused):
        await store.delete("anna", "r", "other")
    assert 1 == await store.count()


async def test_a_deleted_subject_is_gone_everywhere(store: SubjectStore) -> None:
    """A deleted subject is in no answer, and its id can be enrolled again."""
    await store.enroll(enrolment("anna", galleries=("a", "b")))
    await store.delete("anna", "r", "d")
    with pytest.raises(SubjectNotFound):
        await store.get("anna")
    assert {} == await store.get_many(["anna"])
    assert [0, 0, 0] == [await store.count(gallery) for gallery in ("", "a", "b")]
    assert () == (await store.list(10)).subjects == (await store.list(10, gallery="a")).subjects
    partition, name = partition_of("anna", await store.partition_count()), subject_name(await store.name_key(), "anna")
    assert [] == (await store.references_of(Modality.FINGERPRINT, [(partition, name)])).subject_ids
    assert [] == [each async for page in store.references(Modality.FINGERPRINT, (), 10) for each in page.subject_ids]
    await store.enroll(enrolment("anna"))
    assert 0 == await store.count("a")


async def test_one_of_many_parallel_enrolments_of_an_id_wins(open_store: OpenStore) -> None:
    """Of 20 concurrent enrolments of one id through two stores, 1 succeeds and 19 get SubjectExists."""
    stores = [open_store(), open_store()]
    wanted = [stores[n % 2].enroll(enrolment("anna", encounter_id=f"e{n}")) for n in range(20)]
    outcomes = await asyncio.gather(*wanted, return_exceptions=True)
    assert 19 == sum(isinstance(outcome, SubjectExists) for outcome in outcomes)
    (receipt,) = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
    assert [receipt.encounter_id] == [e.encounter_id for e in (await stores[0].get("anna")).encounters]


async def test_parallel_encounters_of_one_subject_are_all_kept(open_store: OpenStore) -> None:
    """20 encounters added concurrently through two stores are all kept."""
    stores = [open_store(), open_store()]
    await stores[0].enroll(enrolment("anna", encounter_id="first"))
    added = [f"e{n:02}" for n in range(20)]
    await asyncio.gather(
        *(stores[n % 2].enroll(enrolment("anna", encounter_id=e, create_subject=False)) for n, e in enumerate(added))
    )
    assert {"first", *added} == {e.encounter_id for e in (await stores[0].get("anna")).encounters}


async def test_one_request_sent_many_times_at_once_is_done_once(open_store: OpenStore) -> None:
    """Of 10 copies of one request in flight, 1 writes and 9 are replays."""
    stores = [open_store(), open_store()]
    wanted = enrolment("anna")
    receipts = await asyncio.gather(*(stores[n % 2].enroll(wanted) for n in range(10)))
    assert 9 == sum(receipt.replayed for receipt in receipts)


@pytest.mark.parametrize("seed", range(4))
async def test_a_random_encounter_is_read_as_it_was_written(store: SubjectStore, seed: int) -> None:
    """Missing positions, states, several modalities and models come back equal."""
    rng = random.Random(seed)
    encounters = tuple(random_encounter(rng, f"e{n}") for n in range(5))
    for number, wanted in enumerate(encounters):
        await store.enroll(replace(enrolment("anna", create_subject=number == 0), encounter=wanted))
    assert Subject("anna", ("default",), encounters) == await store.get("anna")
