"""Options that name samples: --face FILE, --finger [POSITION=]FILE[@DPI], --eye [POSITION=]FILE, --record FILE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from biofusion.type.v1 import sample_pb2

from biometrics.errors import BiofusionError
from biometrics.sample import EncodedImage, Sample
from biometrics.template import EYES, FINGERS, MissingReason, Modality, Position, check_position
from cli.record_types import RecordType, SlapType
from infra.wire.convert import missing_reason_to_wire, modality_to_wire, position_to_wire, sample_to_wire

F = TypeVar("F", bound=Callable[..., Any])

SHORT_POSITIONS = {"RIGHT": Position.RIGHT_EYE, "LEFT": Position.LEFT_EYE}
"""Short names of the positions of an eye."""

MODALITY_OF = {
    "FACE": Modality.FACE,
    "FINGER": Modality.FINGERPRINT,
    "EYE": Modality.IRIS,
    **dict.fromkeys(FINGERS, Modality.FINGERPRINT),
    **dict.fromkeys([*EYES, *SHORT_POSITIONS], Modality.IRIS),
}
"""Positions that may be stated as missing; FINGER and EYE stand for an unknown finger or eye."""


class SampleType(click.ParamType[Sample]):
    """`[POSITION=]FILE[@DPI]` → Sample. An existing file whose name contains `=` or `@` is not split.

    Args:
        modality: modality of the sample; only a fingerprint has a resolution.
    """

    def __init__(self, modality: Modality) -> None:
        self.name = {Modality.FACE: "FILE", Modality.IRIS: "[POSITION=]FILE"}.get(modality, "[POSITION=]FILE[@DPI]")
        self._modality = modality

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Sample:
        """Parse one value and read its file."""
        if isinstance(value, Sample):
            return value
        try:
            position, path, dpi = split_spec(str(value), self._modality)
            return Sample(self._modality, position, EncodedImage(path.read_bytes(), dpi))
        except BiofusionError as error:
            self.fail(error.message, param, ctx)
        except OSError as error:
            self.fail(f"{path} cannot be read: {error.strerror}.", param, ctx)


class MissingType(click.ParamType[sample_pb2.MissingPosition]):
    """`POSITION=REASON` → MissingPosition."""

    name = "POSITION=REASON"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> sample_pb2.MissingPosition:
        """Parse one value."""
        if isinstance(value, sample_pb2.MissingPosition):
            return value
        place, _, reason = str(value).upper().partition("=")
        if place not in MODALITY_OF:
            self.fail(f"{place} is no position. Use one of: {', '.join(MODALITY_OF)}.", param, ctx)
        if reason not in MissingReason.__members__:
            self.fail(f"{reason or 'Nothing'} is no reason. Use one of: {', '.join(MissingReason)}.", param, ctx)
        return sample_pb2.MissingPosition(
            modality=modality_to_wire(MODALITY_OF[place]),
            position=position_to_wire(_position_named(place) or Position.UNKNOWN),
            reason=missing_reason_to_wire(MissingReason(reason)),
        )


def split_spec(text: str, modality: Modality) -> tuple[Position, Path, float | None]:
    """Position (UNKNOWN if none is stated), path, and resolution of a sample.

    Raises:
        PositionInvalid: the modality does not have this position.
    """
    position, dpi = check_position(modality, Position.UNKNOWN), None
    place, separator, rest = text.partition("=")
    if separator and place.isidentifier() and not Path(text).exists():
        position, text = _position(place, modality), rest
    path, separator, number = text.rpartition("@")
    if modality is Modality.FINGERPRINT and separator and not Path(text).exists() and _is_number(number):
        text, dpi = path, float(number)
    return position, Path(text), dpi


def sample_options(command: F) -> F:
    """Add the options to a command; it gets them as `samples` and `missing`."""

    @wraps(command)
    def with_samples(
        *args: Any,
        face: Sequence[Sample],
        finger: Sequence[Sample],
        eye: Sequence[Sample],
        slap: Sequence[sample_pb2.Sample],
        record: Sequence[sample_pb2.Sample],
        **rest: Any,
    ) -> Any:
        samples = [*map(sample_to_wire, (*face, *finger, *eye)), *slap, *record]
        return command(*args, samples=samples, **rest)

    decorated: Callable[..., Any] = with_samples
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return cast("F", decorated)


def require(samples: Sequence[sample_pb2.Sample]) -> Sequence[sample_pb2.Sample]:
    """The samples.

    Raises:
        click.UsageError: there is none.
    """
    if not samples:
        raise click.UsageError("At least one of --face, --finger, --eye, --slap and --record is needed.")
    return samples


_OPTIONS = [
    click.option("--face", multiple=True, type=SampleType(Modality.FACE), help="Image of a face. Repeatable."),
    click.option(
        "--finger",
        multiple=True,
        type=SampleType(Modality.FINGERPRINT),
        help="Image of a finger, e.g. RIGHT_INDEX=f.png@500; without a position compared with all. Repeatable.",
    ),
    click.option(
        "--eye",
        multiple=True,
        type=SampleType(Modality.IRIS),
        help="Near-infrared image of an eye, e.g. LEFT=eye.png; without a position compared with both. Repeatable.",
    ),
    click.option(
        "--slap",
        multiple=True,
        type=SlapType(),
        help="Image of several fingers, e.g. RIGHT_FOUR=slap.wsq@500; it is cut into single ones. Repeatable.",
    ),
    click.option(
        "--record",
        multiple=True,
        type=RecordType(),
        help="Record with samples: ISO/IEC 19794, 39794-5, ANSI 378, ANSI/NIST-ITL or CBEFF. Repeatable.",
    ),
    click.option(
        "--missing",
        multiple=True,
        type=MissingType(),
        help=f"A position without a sample and why: {', '.join(MissingReason)}. Repeatable.",
    ),
]


def _position(place: str, modality: Modality) -> Position:
    position = _position_named(place.upper())
    if position is None:
        allowed = (*SHORT_POSITIONS, *EYES) if modality is Modality.IRIS else FINGERS
        raise click.BadParameter(f"{place} is no position of {modality}. Use one of: {', '.join(allowed)}.")
    return check_position(modality, position)


def _position_named(place: str) -> Position | None:
    return SHORT_POSITIONS.get(place) or Position.__members__.get(place)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
