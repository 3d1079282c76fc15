"""Repeated fields of fingers' positions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from biofusion.type.v1 import modality_pb2

from biometrics.errors import InvalidInput
from biometrics.template import Modality, Position, check_position
from infra.wire.convert import position_from_wire
from infra.wire.field_paths import relocated


def fingers_from_wire(values: Iterable[modality_pb2.Position.ValueType], field: str) -> tuple[Position, ...]:
    """The fingers of a repeated field.

    Raises:
        FieldInvalid, PositionInvalid: one is unknown to this version, or is of no finger; the error names it, e.g.
            "positions[1]".
    """
    return tuple(_fingers(values, field))


def _fingers(values: Iterable[modality_pb2.Position.ValueType], field: str) -> Iterator[Position]:
    for index, value in enumerate(values):
        try:
            yield check_position(Modality.FINGERPRINT, position_from_wire(value))
        except InvalidInput as error:
            raise relocated(error, "position", f"{field}[{index}]") from error.__cause__
