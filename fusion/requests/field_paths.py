"""Where in the request an error is: its field's path on the wire, in the message and in the metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from biometrics.errors import BiofusionError, FieldInvalid, InvalidInput

E = TypeVar("E", bound=BiofusionError)
Wire = TypeVar("Wire")
Domain = TypeVar("Domain")


def located(error: E, path: str) -> E:
    """The error, changed to name `path`, e.g. `samples[1]`: of invalid input as `field`, which becomes a BadRequest."""
    is_field = isinstance(error, FieldInvalid)
    error.message = f"{path}.{error.message}" if is_field else f"{path}: {error.message}"
    if isinstance(error, InvalidInput):
        error.metadata["field"] = f"{path}.{error.metadata['field']}" if is_field else path
    return error


def each_located(convert: Callable[[Wire], Domain], messages: Iterable[Wire], field: str) -> Iterator[Domain]:
    """Each message of a repeated field converted; an error names which one it is about."""
    for index, message in enumerate(messages):
        try:
            yield convert(message)
        except BiofusionError as error:
            raise located(error, f"{field}[{index}]") from error.__cause__
