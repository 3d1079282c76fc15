"""Verifies a whole store: every record is read, every template opened, every count compared."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from biometrics.errors import RecordUnreadable
from gallery.operations.expiries import Expiries, listed_expiries
from gallery.operations.rows import Stored, stored
from gallery.progress import Progress, silent
from gallery.store.records import columns
from gallery.store.subject_store import PartitionedStore


@dataclass(slots=True)
class Verified:
    """Result of a verification.

    Args:
        subjects: how many were read and are in order.
        references: how many templates were opened.
        findings: what is wrong, each as (subject id or gallery, what).
        erased: ids of subjects that are erased and of which rows are left; no read returns them.
    """

    subjects: int = 0
    references: int = 0
    findings: list[tuple[str, str]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)


async def verify(store: PartitionedStore, progress: Progress = silent) -> Verified:
    """Verify a store while nobody writes to it; counts differ by what is written meanwhile.

    Raises:
        StoreUnavailable: the store or the key table does not answer.
    """
    result, sizes, expiries, listed = Verified(), Counter[str](), Expiries(), 0
    total = await store.count()
    async for page in stored(store):
        await asyncio.to_thread(_verify_page, page, result, (sizes, expiries))
        listed += len(page)
        progress(listed, max(total, listed))
    _compare("", listed, sum((await store.backend.counts("")).values()), result)
    for gallery in await store.backend.galleries():
        _compare(gallery, sizes[gallery], sum((await store.backend.counts(gallery)).values()), result)
    if expiries != await listed_expiries(store.backend):
        result.findings.append(("", "the list of encounters that expire differs from their records"))
    moving = await store.backend.leaving()
    result.findings += [(each, "its encounters are being moved: run reconcile") for each in moving]
    waiting = await store.backend.key_slots()
    if waiting:
        result.findings.append(("", f"{len(waiting)} keys of erased subjects are not destroyed yet: run reconcile"))
    return result


def _verify_page(page: list[Stored], result: Verified, tallies: tuple[Counter[str], Expiries]) -> None:
    sizes, expiries = tallies
    for each in page:
        expiries.add_rows(each.rows)
        if each.head is not None:
            sizes.update(each.head.galleries)
        if each.is_erased:
            result.erased.append(each.subject_id)
            continue
        problem, references = _problem(each)
        if problem:
            result.findings.append((each.subject_id, problem))
        else:
            result.subjects += 1
            result.references += references


def _problem(each: Stored) -> tuple[str, int]:
    """What is wrong with a subject, "" if nothing is, and how many references it has."""
    if each.rows is None:
        return "it is listed and has no record", 0
    if each.head is None or not each.secret:
        return "its record cannot be read" if each.head is None else "its key is not in the key table", 0
    try:
        subject = columns.subject(each.rows, each.head, each.secret)
    except RecordUnreadable as error:
        return error.message, 0
    encounters = subject.encounters if subject else ()
    references = sum(len(encounter.references) for encounter in encounters)
    expected = (each.head.subject_id, each.head.encounter_count, each.head.reference_count)
    return "" if (each.subject_id, len(encounters), references) == expected else "its record is incomplete", references


def _compare(gallery: str, found: int, counted: int, result: Verified) -> None:
    if found != counted:
        where = f"gallery {gallery}" if gallery else "all"
        result.findings.append((where, f"{counted} subjects are counted, and {found} are there"))
