"""The `biofusion` command. Each command's module is imported when it is called, so that starting stays fast."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from cli.lazy import LazyGroup
from infra.wire.connections import quiet

COMMANDS = {
    "serve": ("cli.commands.serve", "Run all four services in one process."),
    "console": ("cli.commands.console", "Run the console for reviewers and operators, in browsers."),
    "osia": ("cli.adapters.osia", "Answer callers of OSIA's ABIS interface, by HTTP."),
    "mosip-abis": ("cli.adapters.mosip_abis", "Answer MOSIP's requests to an ABIS, by a message queue."),
    "mosip-biosdk": ("cli.adapters.mosip_biosdk", "Answer clients of MOSIP's biometric SDK, by HTTP."),
    "models": ("cli.commands.models", "Fetch, verify and list the models."),
    "enroll": ("cli.commands.enroll", "Enrol an encounter of a subject."),
    "verify": ("cli.commands.verify", "Decide whether samples are of a subject."),
    "identify": ("cli.commands.identify", "Decide who of a gallery samples are of."),
    "duplicates": ("cli.subjects.duplicates", "Search for other subjects that are the same person."),
    "quality": ("cli.subjects.quality", "Report the quality of samples; store nothing."),
    "list": ("cli.commands.list_subjects", "List who is enrolled."),
    "delete": ("cli.commands.delete", "Erase a subject."),
    "subject": ("cli.subjects.subject", "Show, merge, split and export subjects."),
    "encounter": ("cli.subjects.encounter", "Read and change single encounters."),
    "galleries": ("cli.subjects.galleries", "List galleries, their aliases, and who is in which."),
    "jobs": ("cli.jobs.command", "Import, export, sweep for duplicates, re-template, expire."),
    "review": ("cli.review.command", "Run the review service; list and show its cases."),
    "watch": ("cli.subjects.watch", "Print the changes of subjects as they happen."),
    "agreement": ("cli.subjects.agreement", "Show how often another system decided alike."),
    "extract": ("cli.commands.extract", "Show what is found in an image."),
    "contact-sheet": ("cli.commands.contact_sheet", "Draw what is found in a folder of images, the worst first."),
    "compare": ("cli.commands.compare", "Compare two images of one modality."),
    "explain": ("cli.commands.explain", "Show what two samples have in common."),
    "policy": ("cli.policy.command", "Check and explain who may do what."),
    "audit": ("cli.audit.command", "Verify, explain and export the audit log."),
    "gallery": ("cli.gallery.command", "Look after the store: statistics, verification, archives, snapshots, keys."),
    "fusion": ("cli.fusion.command", "Fit, evaluate and explain the fusion of comparison scores."),
    "evaluate": ("cli.commands.evaluate", "Measure error rates on a set of images."),
    "demo": ("cli.demo.command", "Enrol and identify sample people, start to end."),
}
HELP = """Who is this, and how sure are we? Face, fingerprint and iris, decided together.

\b
Exit codes:
  0  match, or done          3  wrong usage, or input that cannot be used
  1  no match                4  not found, exists already, or cannot be done now
  2  review: a person        5  a service does not answer, or the time is up
     must look               6  an internal error
130  interrupted           141  nobody reads the output any more
"""


BROKEN_PIPE = 141
"""128 + SIGPIPE, as a shell reports it; not 1, which means "no match"."""


class Commands(LazyGroup):
    """The root group: it turns every error into a sentence and an exit code."""

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run a command and exit with its code."""
        words = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(words, **{"prog_name": "biofusion", **extra, "standalone_mode": False})
        except SystemExit:  # so click and rich end a command when nobody reads its output any more
            code = BROKEN_PIPE
        except Exception as error:  # noqa: BLE001  # the border: every error ends as a sentence and an exit code
            code = _failed(error, as_json="--json" in words)
        sys.exit(_written(code or 0))


@click.group(
    "biofusion", cls=Commands, table=COMMANDS, help=HELP, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="biofusion")
def cli() -> None:
    """See HELP."""


def main() -> None:
    """Entry point."""
    quiet()
    if sys.argv[1:2] in (["serve"], ["console"], ["osia"], ["mosip-abis"], ["mosip-biosdk"]):
        from gallery.erased_memory import overwrite_freed  # noqa: PLC0415  # numpy is imported only to serve

        overwrite_freed()
    cli()


def _written(code: int) -> int:
    """The exit code when all output is written: another one if it cannot be, e.g. as the disk is full."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again, and exits with 120
        return BROKEN_PIPE if isinstance(error, BrokenPipeError) else code or _failed(error, as_json=False)
    return code


def _failed(error: Exception, *, as_json: bool) -> int:
    from cli.output.failures import INTERNAL, report  # noqa: PLC0415  # gRPC is imported only when something went wrong

    code = report(error, as_json=as_json)
    if code == INTERNAL and os.environ.get("BIOFUSION_LOG_LEVEL") == "DEBUG":
        raise error
    return code
