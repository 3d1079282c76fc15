"""Options that the commands on an audit log share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from audit.keyed_hashes import HashKeys
from infra.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


def folder_option(command: F) -> F:
    """`--folder`: the audit folder."""
    text = "Folder of the audit log; default: BIOFUSION_AUDIT_FOLDER."
    return click.option("--folder", "stated", type=PATH, help=text)(command)


def folder_of(stated: Path | None) -> Path:
    """The audit folder.

    Raises:
        UsageError: neither the option nor the setting states one.
    """
    configured = Settings.from_environment().audit_folder
    if stated is None and not configured:
        raise click.UsageError("State the folder of the audit log as --folder, or as BIOFUSION_AUDIT_FOLDER.")
    return stated or Path(configured)


def hash_keys(stated: Path | None) -> HashKeys:
    """The keys that hash ids.

    Raises:
        UsageError: neither an option nor the setting states their file.
        ConfigurationInvalid: the file cannot be read.
    """
    configured = Settings.from_environment().audit_key_file
    if stated is None and not configured:
        raise click.UsageError("State the file of the audit keys as --key-file, or as BIOFUSION_AUDIT_KEY_FILE.")
    return HashKeys.load(stated or Path(configured))
