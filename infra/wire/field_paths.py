"""Field paths in errors: the path on the wire of the field that is wrong, in message and metadata.

An error is made where the fault is seen, with the path from there, and each message on the way out adds its own name:

    EncodedImage        resolution_dpi: 96 is outside 250–1000 dpi.
    a sample            image.resolution_dpi: 96 is …
    a search            probe.image.resolution_dpi: 96 is …
    an enrolment        samples[0].image.resolution_dpi: 96 is …
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from biometrics.errors import BiofusionError, ComparatorUncalibrated, InvalidInput, TemplateModelMismatch

E = TypeVar("E", bound=BiofusionError)
Wire = TypeVar("Wire")
Domain = TypeVar("Domain")

OF_A_FIELD = (InvalidInput, TemplateModelMismatch, ComparatorUncalibrated)
"""Errors that have the path of a field in their metadata; a google.rpc.BadRequest is made of it for invalid input."""


def located(error: E, path: str) -> E:
    """Change the error to name `path`, e.g. `samples[1]`, before the path that it has; return it."""
    inner = error.metadata.get("field", "")
    whole = f"{path}.{inner}" if inner else path
    return _placed(error, whole)


def relocated(error: E, old: str, new: str) -> E:
    """Change `old` at the head of the error's path to `new`, "" to leave it out; return the error."""
    head, dot, rest = error.metadata.get("field", "").partition(".")
    if head.partition("[")[0] != old:
        return error
    return _placed(error, f"{new}{dot}{rest}" if new else rest)


@contextmanager
def at(path: str) -> Iterator[None]:
    """Context for what is read from the field `path`: errors of it name the field."""
    try:
        yield
    except OF_A_FIELD as error:
        raise located(error, path)  # noqa: B904  # the same error


@contextmanager
def renamed(old: str, new: str, *, is_meant: bool) -> Iterator[None]:
    """Context in which errors about the field `old`, or of a part of it, name the field `new` if that was sent."""
    try:
        yield
    except OF_A_FIELD as error:
        path = error.metadata.get("field", "")
        if is_meant and (path == old or path.startswith(f"{old}.")):
            raise _placed(error, new + path.removeprefix(old)) from error.__cause__
        raise


def each_located(convert: Callable[[Wire], Domain], messages: Iterable[Wire], field: str) -> Iterator[Domain]:
    """Convert each message of a repeated field; an error names the message it is about, e.g. `samples[1]`."""
    for index, message in enumerate(messages):
        try:
            yield convert(message)
        except BiofusionError as error:
            raise located(error, f"{field}[{index}]") from error.__cause__


def _placed(error: E, path: str) -> E:
    said = error.message.removeprefix(f"{error.metadata.get('field', '')}: ")
    error.message = f"{path}: {said}" if path else said
    error.args = (error.message,)
    error.metadata.pop("field", None)
    if path and isinstance(error, OF_A_FIELD):
        error.metadata["field"] = path
    return error
