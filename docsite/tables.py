"""Tables of the reference that are made from the code: settings, metrics, errors and models."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module

from biometrics import errors
from biometrics.exact_numbers import exact
from infra.models.manifest import manifest
from infra.setting_fields import PREFIX
from infra.settings import OTHER_VARIABLES, Settings
from infra.telemetry import metrics as telemetry
from infra.telemetry.instruments import declared
from infra.wire.status import code_of

KINDS = (errors.InvalidInput, errors.PreconditionFailed, errors.AlreadyExists, errors.Unavailable)
"""Classes of errors, never raised themselves."""

INTERNAL = (errors.ConfigurationInvalid, errors.FeedSetBack, errors.SnapshotUnusable)
"""Errors that no caller meets, and those below them."""


def settings() -> str:
    """One row for each setting: variable, default, range, what it does."""
    lines = ["| variable | default | range | what |", "|---|---|---|---|"]
    for each in fields(Settings):
        default = str(each.default).lower() if isinstance(each.default, bool) else str(each.default)
        low, high = each.metadata["low"], each.metadata["high"]
        span = "" if low is None else f"{exact(low)} to {exact(high)}"
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{PREFIX}{each.name.upper()}` | {shown} | {span} | {each.metadata['doc']} |")
    known = ", ".join(f"`{name}`" for name in sorted(OTHER_VARIABLES))
    return "\n".join([*lines, "", f"Read elsewhere than in the services: {known}."])


def reasons() -> str:
    """One row for each error that a caller can meet: reason, gRPC status, what it says."""
    lines = ["| `reason` | status | what |", "|---|---|---|"]
    for each in _below(errors.BiofusionError):
        if each in KINDS or issubclass(each, INTERNAL):
            continue
        said = " ".join((each.__doc__ or "").split("\n\n")[0].split())
        lines.append(f"| `{each.default_reason}` | {code_of(each(*_words(each))).name} | {said} |")
    return "\n".join(lines)


def metrics() -> str:
    """One row for each metric: name, kind, labels, what it measures."""
    lines = ["| metric | kind | labels | what |", "|---|---|---|---|"]
    for module in pkgutil.iter_modules(telemetry.__path__):
        import_module(f"{telemetry.__name__}.{module.name}")
    for name, each in sorted(declared.items()):
        lines.append(f"| `{name}` | {each.kind} | {', '.join(f'`{label}`' for label in each.labels)} | {each.doc} |")
    return "\n".join(lines)


def models() -> str:
    """One row for each model and each picture of the demo: name, package, licence, hash of what is loaded."""
    lines = ["| name | package | licence | SHA-256 of what is loaded |", "|---|---|---|---|"]
    for each in (*manifest().models.values(), *manifest().assets.values()):
        package = f"`{each.archive.requirement}`" if each.archive else "this project"
        lines.append(f"| `{each.name}` | {package} | {each.licence} | `{each.sha256[:16]}…` |")
    return "\n".join(lines)


def _words(error: type[errors.BiofusionError]) -> tuple[str, ...]:
    """What an error is made with: a message, and of a field its path before it."""
    return ("field", "message") if issubclass(error, errors.FieldInvalid) else ("message",)


def _below(error: type[errors.BiofusionError]) -> Iterator[type[errors.BiofusionError]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)
