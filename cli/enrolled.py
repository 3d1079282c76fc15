"""The option `--enrolled SUBJECT[/ENCOUNTER]`: search with an enrolled encounter in place of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import sample_pb2


class EnrolledType(click.ParamType[decisions_pb2.EnrolledProbe]):
    """`SUBJECT[/ENCOUNTER]` → EnrolledProbe; no id has a slash."""

    name = "SUBJECT[/ENCOUNTER]"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> decisions_pb2.EnrolledProbe:
        """Parse one value."""
        if isinstance(value, decisions_pb2.EnrolledProbe):
            return value
        subject, _, encounter = str(value).partition("/")
        return decisions_pb2.EnrolledProbe(subject_id=subject, encounter_id=encounter)


enrolled_option = click.option(
    "--enrolled", type=EnrolledType(), help="Search with this encounter, or the newest ACTIVE one, in place of samples."
)
"""The command gets it as `enrolled`, or None."""


def require_one(
    samples: Sequence[sample_pb2.Sample], enrolled: decisions_pb2.EnrolledProbe | None
) -> Sequence[sample_pb2.Sample]:
    """The samples, none if an enrolled encounter is named.

    Raises:
        click.UsageError: there are both, or neither.
    """
    if bool(samples) is not (enrolled is None):
        raise click.UsageError("Either samples (--face, --finger, --eye, --slap, --record) or --enrolled are needed.")
    return samples
