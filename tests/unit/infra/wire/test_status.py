from __future__ import annotations

import inspect

import grpc
import pytest

from biometrics import errors
from infra.wire.status import DOMAIN, INTERNAL_MESSAGE, TABLE, code_of, error_info, status_of

CLASSES = [
    each
    for _, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, errors.BiofusionError) and each is not errors.BiofusionError
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_has_a_row(cls: type[errors.BiofusionError]) -> None:
    """Every class of the error tree has its own row or inherits one."""
    assert any(ancestor in TABLE for ancestor in cls.__mro__)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_tree_is_drawn_whole(cls: type[errors.BiofusionError]) -> None:
    """The drawing in the module docstring contains every class."""
    assert f" {cls.__name__} " in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (errors.ImageTooLarge("m"), grpc.StatusCode.INVALID_ARGUMENT, "IMAGE_TOO_LARGE"),
        (errors.AcquisitionFailed("m", reason="FACE_NOT_FOUND"), grpc.StatusCode.FAILED_PRECONDITION, "FACE_NOT_FOUND"),
        (errors.SubjectNotFound("m"), grpc.StatusCode.NOT_FOUND, "SUBJECT_NOT_FOUND"),
        (errors.RequestIdReused("m"), grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
        (errors.ModelCorrupt("m"), grpc.StatusCode.UNAVAILABLE, "MODEL_CORRUPT"),
        (errors.Overloaded("m"), grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED"),
        (errors.DeadlineExpired("m"), grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXPIRED"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_rows(error: errors.BiofusionError, code: grpc.StatusCode, reason: str) -> None:
    """An error's status has its code, reason and message."""
    status = status_of(error)
    info = error_info([("grpc-status-details-bin", status.SerializeToString())])
    assert (code, code.value[0], "m") == (code_of(error), status.code, status.message)
    assert (reason, DOMAIN) == (info.reason, info.domain)


@pytest.mark.parametrize("error", [RuntimeError("secret"), errors.ConfigurationInvalid("secret")], ids=str)
def test_internal_errors_reveal_nothing(error: Exception) -> None:
    """An internal error becomes a fixed text without details."""
    status = status_of(error)
    assert (grpc.StatusCode.INTERNAL.value[0], INTERNAL_MESSAGE) == (status.code, status.message)
    assert b"secret" not in status.SerializeToString()


def test_bad_field_is_named() -> None:
    """An invalid field is named in a BadRequest."""
    names = [detail.TypeName() for detail in status_of(errors.FieldInvalid("galleries", "no")).details]
    assert ["google.rpc.ErrorInfo", "google.rpc.BadRequest"] == names


def test_unavailable_says_when_to_retry() -> None:
    """UNAVAILABLE has a RetryInfo."""
    names = [detail.TypeName() for detail in status_of(errors.StoreUnavailable("down")).details]
    assert ["google.rpc.ErrorInfo", "google.rpc.RetryInfo"] == names


def test_a_long_text_is_truncated() -> None:
    """A caller's text may be quoted; the status stays under gRPC's 16 KiB of metadata, percent-encoded or not."""
    status = status_of(errors.FieldInvalid("f", "ü" * 100_000, fact="ü" * 100_000))
    assert len(status.SerializeToString()) * 4 / 3 + 6 * len(status.message) < 16 * 1024
