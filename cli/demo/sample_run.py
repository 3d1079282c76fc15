"""The demo without data: enrol three people, verify and identify, and compare each answer with the expected one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from biofusion.fusion.v1 import subjects_pb2
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import decision_pb2
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from biometrics.sample import Sample
from cli.client import DEFAULT_SERVER
from cli.commands.serve import grpcurl_lines
from cli.demo.people import Person, sample_people
from cli.demo.renditions import WHAT_IS_CHANGED
from cli.demo.scenarios import Answer, ask, missing_to_wire, scenarios
from cli.output.output import console, print_json, to_dict
from cli.output.tables import decision, outcome_name, reports_table
from cli.stubs import FusionStubs
from infra.wire.convert import sample_to_wire

INTRODUCTION = (
    "Three people, enrolled in one gallery and asked about over gRPC. The portraits and finger images are real and "
    "come from packages under free terms; the eyes are rendered by this project and belong to nobody. Of each portrait "
    f"and of finger-3 there is one image only: its probe is a changed copy ({WHAT_IS_CHANGED}), which is easier than a "
    "second photograph. finger-1 and finger-2 are two impressions of one finger. This shows the flow; error rates are "
    "in docs/measurements.\n"
)

WHERE_TO_LOOK = (
    "\nREVIEW means that a person must look. The case waits, with its pictures for 72 hours. To see it in a browser:\n"
    "  make console    (that is `biofusion demo --console`: it prints an address, and who can log in there)"
)


def run(stub: FusionStubs, *, as_json: bool) -> bool:
    """Enrol, ask, open a review case for each REVIEW, and print; returns whether every answer is as expected."""
    out = Console(quiet=True) if as_json else console()
    out.print(INTRODUCTION)
    people = sample_people()
    token = ""
    for person in people:
        response = _enroll(stub, person)
        token = response.consistency_token
        out.print(Text(f"Enrolled {person.subject_id}", style="bold"), f": {person.made_of}", sep="")
        out.print(Padding(reports_table(response.reports), (0, 0, 1, 2), expand=False))
    answers = _ask_all(stub, people, token, out)
    cases = [_open_case(stub, answer, people) for answer in answers if _needs_a_person(answer)]
    _summarise(out, answers)
    if cases:
        out.print(WHERE_TO_LOOK, markup=False, soft_wrap=True)
    if as_json:
        print_json({"scenarios": [_fields(answer) for answer in answers], "reviewCases": cases})
    return all(answer.as_expected for answer in answers)


def _enroll(stub: FusionStubs, person: Person) -> subjects_pb2.EnrollSubjectResponse:
    request = subjects_pb2.EnrollSubjectRequest(
        request_id=str(uuid.uuid4()),
        subject_id=person.subject_id,
        samples=map(sample_to_wire, person.references),
        missing=map(missing_to_wire, person.missing),
    )
    return stub.subjects.EnrollSubject(request)


def _ask_all(stub: FusionStubs, people: tuple[Person, Person, Person], token: str, out: Console) -> list[Answer]:
    answers = []
    for number, scenario in enumerate(scenarios(*people), start=1):
        answer = ask(stub, scenario, token)
        answers.append(answer)
        asked = f"is it {scenario.claim}?" if scenario.claim else "who is it?"
        out.print(Text(f"{number}. {scenario.title}: {asked}", style="bold underline"))
        out.print(Text(f"  {scenario.remark}", style="dim"))
        whom = scenario.claim or answer.subject_id or "nobody"
        out.print(Padding(decision(answer.decision, whom), (0, 0, 1, 2), expand=False))
    return answers


def _needs_a_person(answer: Answer) -> bool:
    return answer.decision.outcome == decision_pb2.OUTCOME_REVIEW and answer.subject_id != ""


def _open_case(stub: FusionStubs, answer: Answer, people: Sequence[Person]) -> str:
    """Open a review case with the pictures of both sides, which only the caller has; returns its name."""
    (candidate,) = (person for person in people if person.subject_id == answer.subject_id)
    request = review_pb2.CreateReviewCaseRequest(
        request_id=str(uuid.uuid4()),
        subject_id=answer.subject_id,
        decision=answer.decision,
        rank=None if answer.scenario.claim else 1,
        posterior=answer.posterior,
        probe_samples=map(_with_picture, answer.scenario.samples),
        candidate_samples=map(_with_picture, candidate.references),
        caller_reference="demo",
    )
    return stub.reviews.CreateReviewCase(request).review_case.name


def _with_picture(sample: Sample) -> review_pb2.ReviewSample:
    sent = sample_to_wire(sample)
    return review_pb2.ReviewSample(modality=sent.modality, position=sent.position, image=sent.image.data)


def _summarise(out: Console, answers: Sequence[Answer]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("scenario", "expected", "outcome", "as expected"):
        table.add_column(name)
    for answer in answers:
        table.add_row(answer.scenario.title, _expected(answer), _got(answer), "yes" if answer.as_expected else "NO")
    out.print(table)
    out.print("\nTo try it yourself: `make serve`, then e.g.")
    for line in grpcurl_lines(DEFAULT_SERVER):
        out.print(f"  {line}", markup=False, soft_wrap=True)


def _expected(answer: Answer) -> str:
    return f"{' or '.join(answer.scenario.expected)} {answer.scenario.subject_id}".strip()


def _got(answer: Answer) -> str:
    return f"{outcome_name(answer.decision.outcome)} {answer.subject_id}".strip()


def _fields(answer: Answer) -> dict[str, object]:
    return {
        "title": answer.scenario.title,
        "expected": _expected(answer),
        "outcome": outcome_name(answer.decision.outcome),
        "subjectId": answer.subject_id,
        "asExpected": answer.as_expected,
        "decision": to_dict(answer.decision),
    }
