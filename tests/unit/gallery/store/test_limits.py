from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.errors import SubjectFull
from gallery.sealing.key_table import KeyRef
from gallery.store.limits import MAX_ENCOUNTERS, MAX_GALLERIES, MAX_REFERENCES
from gallery.store.records.heads import Head
from gallery.store.rules import enrolled
from gallery.store.values import Enrolment
from tests.support.builders import enrolment, reference

KEY = KeyRef(0, 0)
ONE = reference([1, 0, 0, 0])


def full(galleries: int = 1, encounters: int = 1, references: int = 1) -> Head:
    """The head of a subject with these numbers of data."""
    return Head("ann", tuple(f"g{number:03}" for number in range(galleries)), encounters, encounters, references, KEY)


def more(galleries: tuple[str, ...] = (), references: int = 1) -> Enrolment:
    """An enrolment of one more encounter."""
    added = enrolment("ann", galleries=galleries, encounter_id="more", create_subject=False)
    return replace(added, encounter=replace(added.encounter, references=(ONE,) * references))


@pytest.mark.parametrize(
    ("what", "limit", "head", "added"),
    [
        ("galleries", MAX_GALLERIES, full(galleries=MAX_GALLERIES), more(galleries=("new",))),
        ("encounters", MAX_ENCOUNTERS, full(encounters=MAX_ENCOUNTERS), more()),
        ("references", MAX_REFERENCES, full(references=MAX_REFERENCES), more()),
        ("references", MAX_REFERENCES, full(references=MAX_REFERENCES + 50), more()),
    ],
)
def test_a_full_subject_takes_no_more(what: str, limit: int, head: Head, added: Enrolment) -> None:
    """A write that would exceed a limit is refused, naming the limit."""
    with pytest.raises(SubjectFull, match=what) as refused:
        enrolled(head, added, KEY)
    assert (what, str(limit)) == (refused.value.metadata["what"], refused.value.metadata["limit"])


def test_writes_up_to_the_limits_are_accepted() -> None:
    """Each limit can be reached, and a subject that was over one limit before can get data of another kind."""
    known = full(MAX_GALLERIES - 1, MAX_ENCOUNTERS - 1, MAX_REFERENCES - 1)
    new = enrolled(known, more(galleries=("new",)), KEY)
    assert (MAX_GALLERIES, MAX_ENCOUNTERS) == (len(new.galleries), new.encounter_count)
    assert 2 == enrolled(full(galleries=MAX_GALLERIES + 9), more(galleries=("g001",)), KEY).encounter_count
