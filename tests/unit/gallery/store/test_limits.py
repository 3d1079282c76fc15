from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.errors import SubjectFull
from gallery.store.limits import MAX_ENCOUNTERS, MAX_GALLERIES, MAX_REFERENCES
from gallery.store.rules import enrolled
from gallery.store.values import Enrolment
from gallery.subject import Encounter, Subject
from tests.support.builders import START_TIME, enrolment, reference

ONE = reference([1, 0, 0, 0])


def full(galleries: int = 1, encounters: int = 1, references: int = 1) -> Subject:
    """A subject with these numbers of data; its last encounter holds the references."""
    empty = [Encounter(f"e{number}", START_TIME, ()) for number in range(encounters - 1)]
    last = Encounter("last", START_TIME, (ONE,) * references)
    return Subject("ann", tuple(f"g{number:03}" for number in range(galleries)), (*empty, last))


def more(galleries: tuple[str, ...] = (), references: int = 1) -> Enrolment:
    """An enrolment of one more encounter."""
    added = enrolment("ann", *(ONE,) * references, galleries=galleries, encounter_id="more", create_subject=False)
    return replace(added, encounter=replace(added.encounter, references=(ONE,) * references))


@pytest.mark.parametrize(
    ("what", "limit", "subject", "added"),
    [
        ("galleries", MAX_GALLERIES, full(galleries=MAX_GALLERIES), more(galleries=("new",))),
        ("encounters", MAX_ENCOUNTERS, full(encounters=MAX_ENCOUNTERS), more()),
        ("references", MAX_REFERENCES, full(references=MAX_REFERENCES), more()),
        ("references", MAX_REFERENCES, full(references=MAX_REFERENCES + 50), more()),
    ],
)
def test_a_full_subject_takes_no_more(what: str, limit: int, subject: Subject, added: Enrolment) -> None:
    """A write that would exceed a limit is refused, naming the limit."""
    with pytest.raises(SubjectFull, match=what) as refused:
        enrolled(subject, added)
    assert (what, str(limit)) == (refused.value.metadata["what"], refused.value.metadata["limit"])


def test_writes_up_to_the_limits_are_accepted() -> None:
    """Each limit can be reached, and a subject that was over one limit before can get data of another kind."""
    known = full(MAX_GALLERIES - 1, MAX_ENCOUNTERS - 1, MAX_REFERENCES - 1)
    assert MAX_GALLERIES == len(enrolled(known, more(galleries=("new",))).galleries)
    assert 2 == len(enrolled(full(galleries=MAX_GALLERIES + 9), more(galleries=("g001",))).encounters)
