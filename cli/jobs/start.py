"""What the commands that start a job have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

import click
from biofusion.fusion.v1 import jobs_pb2
from google.longrunning import operations_pb2

from cli.client import Target, connect
from cli.jobs.following import follow, report
from cli.output.failures import MATCH
from cli.output.output import json_option
from cli.server_options import server_options
from cli.stubs import FusionStubs
from cli.writing import request_id_option

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Start:
    """Starts a job as its options say.

    Args:
        options: of the request.
        target: the server.
        wait: whether the job is followed to its end.
        as_json: whether JSON is printed.
    """

    options: jobs_pb2.JobOptions
    target: Target
    wait: bool
    as_json: bool

    def __call__(self, method: Callable[[FusionStubs], Callable[..., operations_pb2.Operation]], request: Any) -> int:
        """Send the request; returns the exit code."""
        with connect(self.target) as stub:
            operation = method(stub)(request, timeout=self.target.timeout_s)
            if self.wait:
                return follow(stub, operation, as_json=self.as_json)
        if self.as_json:
            return report(operation, as_json=True)
        click.echo(f"{operation.name}\nFollow it: biofusion jobs wait {operation.name}")
        return MATCH


def job_options(command: F) -> F:
    """Add what all jobs have in common; the command gets it as `start`."""

    @click.option("--max-refused", type=click.IntRange(0), help="Fail if more rows are refused; default: no limit.")
    @click.option("--max-refused-share", type=click.FloatRange(0, 1), help="Fail if a larger share is refused.")
    @click.option("--callback", default="", help="URL that is told of the end; its origin must be allowed there.")
    @click.option("--wait", is_flag=True, help="Follow the job to its end; Ctrl-C leaves it to go on.")
    @request_id_option
    @json_option
    @server_options
    @wraps(command)
    def with_options(
        *args: Any,
        max_refused: int | None,
        max_refused_share: float | None,
        callback: str,
        request_id: str,
        wait: bool,
        as_json: bool,
        target: Target,
        **others: Any,
    ) -> Any:
        options = jobs_pb2.JobOptions(
            request_id=request_id,
            max_refused_count=max_refused,
            max_refused_share=max_refused_share,
            callback=callback,
        )
        return command(*args, start=Start(options, target, wait, as_json), **others)

    return cast("F", with_options)
