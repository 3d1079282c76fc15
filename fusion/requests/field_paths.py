"""Field paths in errors: the path on the wire of the field that is wrong, in message and metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from biometrics.errors import BiofusionError, FieldInvalid, InvalidInput

E = TypeVar("E", bound=BiofusionError)
Wire = TypeVar("Wire")
Domain = TypeVar("Domain")


def located(error: E, path: str) -> E:
    """Change the error to name `path`, e.g. `samples[1]`, and return it.

    Invalid input gets the path as metadata `field`, from which a google.rpc.BadRequest is made.
    """
    is_field = isinstance(error, FieldInvalid)
    error.message = f"{path}.{error.message}" if is_field else f"{path}: {error.message}"
    if isinstance(error, InvalidInput):
        error.metadata["field"] = f"{path}.{error.metadata['field']}" if is_field else path
    return error


def each_located(convert: Callable[[Wire], Domain], messages: Iterable[Wire], field: str) -> Iterator[Domain]:
    """Convert each message of a repeated field; an error names the message it is about, e.g. `samples[1]`."""
    for index, message in enumerate(messages):
        try:
            yield convert(message)
        except BiofusionError as error:
            raise located(error, f"{field}[{index}]") from error.__cause__
