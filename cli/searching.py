"""What commands that search a gallery have in common: samples or an enrolled encounter, gallery, rate, candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import click
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import sample_pb2

from cli.samples import sample_options


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


def search_options(default_count: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options to a command; it gets the fields of its request as `search`.

    Args:
        default_count: of candidates, by the server.
    """
    return partial(_with_options, default_count)


def _with_options(default_count: int, command: Callable[..., Any]) -> Callable[..., Any]:
    @sample_options
    @click.option(
        "--enrolled", type=EnrolledType(), help="Search with this encounter, or the newest ACTIVE one, instead."
    )
    @click.option("--gallery", default="", help="Gallery to search; default: default.")
    @click.option("--fpir", type=float, help="False positive identification rate, 1e-9 to 0.5; default: the server's.")
    @click.option("--candidates", type=int, help=f"At most so many candidates, 1 to 100; default: {default_count}.")
    @click.option("--token", default="", help="Consistency token of a write that must be seen.")
    @wraps(command)
    def with_search(
        *args: Any,
        samples: Sequence[sample_pb2.Sample],
        missing: Sequence[sample_pb2.MissingPosition],
        enrolled: decisions_pb2.EnrolledProbe | None,
        gallery: str,
        fpir: float | None,
        candidates: int | None,
        token: str,
        **others: Any,
    ) -> Any:
        search = {
            "samples": _one_of(samples, enrolled),
            "missing": missing,
            "enrolled_probe": enrolled,
            "gallery": gallery,
            "max_candidate_count": candidates,
            "fpir": fpir,
            "consistency_token": token,
        }
        return command(*args, search=search, **others)

    return with_search


def _one_of(
    samples: Sequence[sample_pb2.Sample], enrolled: decisions_pb2.EnrolledProbe | None
) -> Sequence[sample_pb2.Sample]:
    """The samples, none if an enrolled encounter is named.

    Raises:
        click.UsageError: there are both, or neither.
    """
    if bool(samples) is not (enrolled is None):
        raise click.UsageError("Either samples (--face, --finger, --eye, --slap, --record) or --enrolled are needed.")
    return samples
