from __future__ import annotations

import json

import click
import grpc
import pytest

from biometrics import errors
from cli.output.failures import INTERNAL, PRECONDITION, UNAVAILABLE, USAGE, failure_of, report
from infra.wire.status import status_of


class Refusal(grpc.RpcError):
    """A call that ended with this status, as a channel raises it."""

    def __init__(self, code: grpc.StatusCode, details: str, metadata: tuple[tuple[str, bytes], ...] = ()) -> None:
        self._answer = code, details, metadata

    def code(self) -> grpc.StatusCode:
        """The status code."""
        return self._answer[0]

    def details(self) -> str:
        """The message."""
        return self._answer[1]

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """The details, packed."""
        return self._answer[2]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (click.UsageError("No."), USAGE),
        (click.BadParameter("No."), USAGE),
        (FileNotFoundError(2, "No such file or directory", "x.png"), USAGE),
        (errors.ImageUndecodable("No image."), USAGE),
        (errors.ConfigurationInvalid("No number."), USAGE),
        (errors.AcquisitionFailed("No face.", reason="FACE_NOT_FOUND"), PRECONDITION),
        (errors.SubjectNotFound("Nobody."), PRECONDITION),
        (errors.SubjectExists("Already."), PRECONDITION),
        (errors.ComparatorUncalibrated("None."), PRECONDITION),
        (errors.ModelUnavailable("Missing."), UNAVAILABLE),
        (errors.Overloaded("Full."), UNAVAILABLE),
        (errors.DeadlineExpired("Late."), UNAVAILABLE),
        (ModuleNotFoundError("No module named 'numba'", name="numba"), USAGE),
        (ModuleNotFoundError("No module named 'typo'", name="typo"), INTERNAL),
        (RuntimeError("secret"), INTERNAL),
    ],
)
def test_every_kind_of_error_has_an_exit_code(error: Exception, expected: int) -> None:
    """Scripts can tell wrong input, preconditions, absence of a service and bugs apart."""
    assert expected == failure_of(error).exit_code


@pytest.mark.parametrize(
    "error",
    [
        errors.SubjectNotFound("Nobody.", subject_id="p9"),
        errors.ImageTooLarge("Big."),
        errors.StoreUnavailable("Down."),
    ],
)
def test_an_error_of_the_server_is_told_as_if_it_were_ours(error: errors.BiofusionError) -> None:
    """Reason, message, metadata and exit code are the same over gRPC as in process."""
    status = status_of(error)
    code = next(each for each in grpc.StatusCode if each.value[0] == status.code)
    refusal = Refusal(code, status.message, (("grpc-status-details-bin", status.SerializeToString()),))

    assert failure_of(error) == failure_of(refusal)


def test_no_server_says_how_to_start_one() -> None:
    """A refused connection gets the command's own message, as no server sent one."""
    failure = failure_of(Refusal(grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses"))

    assert failure.exit_code == UNAVAILABLE
    assert "biofusion serve" in failure.message


@pytest.mark.parametrize("error", [errors.MethodUnknown("This server has no method /a/B."), None])
def test_a_call_that_the_server_does_not_know_is_no_bug(error: errors.BiofusionError | None) -> None:
    """The versions differ, or it is another server: that is said, with or without the server's own words."""
    packed = (("grpc-status-details-bin", status_of(error).SerializeToString()),) if error else ()
    failure = failure_of(Refusal(grpc.StatusCode.UNIMPLEMENTED, error.message if error else "", packed))
    assert (PRECONDITION, True) == (failure.exit_code, "same version of both" in failure.message)


def test_a_bug_tells_nothing_of_its_inside() -> None:
    """A bug is reported by the kind of the error and what to do, without internals."""
    assert "secret" not in failure_of(RuntimeError("secret")).message


def test_an_error_is_a_sentence_and_for_machines_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence goes to standard error, the object to standard output."""
    code = report(errors.SubjectNotFound("Nobody.", subject_id="p9"), as_json=True)

    out, err = capsys.readouterr()
    assert code == PRECONDITION
    assert err == "Nobody.\n"
    assert {
        "error": {"reason": "SUBJECT_NOT_FOUND", "message": "Nobody.", "metadata": {"subject_id": "p9"}}
    } == json.loads(out)
