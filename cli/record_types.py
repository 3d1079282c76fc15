"""Values of `--record [FORMAT=]FILE` and `--slap FINGERS=FILE[@DPI]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

RECORD_FORMAT = "RECORD_FORMAT_"
SLAP = "SLAP_"


class RecordType(click.ParamType[sample_pb2.Sample]):
    """`[FORMAT=]FILE` → a sample with a record. An existing file whose name contains `=` is not split."""

    name = "[FORMAT=]FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> sample_pb2.Sample:
        """Parse one value and read its file."""
        if isinstance(value, sample_pb2.Sample):
            return value
        text = str(value)
        name, separator, rest = text.partition("=")
        is_split = bool(separator) and name.isidentifier() and not Path(text).exists()
        path, name = (Path(rest), name.upper()) if is_split else (Path(text), "UNSPECIFIED")
        known = [each.removeprefix(RECORD_FORMAT) for each in record_pb2.RecordFormat.keys()]  # noqa: SIM118  # no dict
        if name not in known:
            self.fail(f"{name} is no format of records. Use one of: {', '.join(known[1:])}.", param, ctx)
        try:
            data = path.read_bytes()
        except OSError as error:
            self.fail(f"{path} cannot be read: {error.strerror}.", param, ctx)
        record = record_pb2.Record(data=data, format=record_pb2.RecordFormat.Value(RECORD_FORMAT + name))
        return sample_pb2.Sample(record=record)


class SlapType(click.ParamType[sample_pb2.Sample]):
    """`FINGERS=FILE[@DPI]` → a sample with an image of several fingers."""

    name = "FINGERS=FILE[@DPI]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> sample_pb2.Sample:
        """Parse one value and read its file."""
        if isinstance(value, sample_pb2.Sample):
            return value
        fingers, _, rest = str(value).partition("=")
        known = [each.removeprefix(SLAP) for each in record_pb2.Slap.keys()[1:]]
        if fingers.upper() not in known:
            self.fail(f"{fingers} is no slap. Use one of: {', '.join(known)}, then = and the file.", param, ctx)
        path, _, dpi = (rest, "", "") if Path(rest).exists() else rest.rpartition("@")
        try:
            image = sample_pb2.Image(data=Path(path).read_bytes(), resolution_dpi=float(dpi) if dpi else None)
        except ValueError:
            self.fail(f"{dpi} is no resolution. Name the file as FINGERS=FILE@DPI.", param, ctx)
        except OSError as error:
            self.fail(f"{path or rest} cannot be read: {error.strerror}.", param, ctx)
        slap = record_pb2.Slap.Value(SLAP + fingers.upper())
        return sample_pb2.Sample(modality=modality_pb2.MODALITY_FINGERPRINT, image=image, slap=slap)
