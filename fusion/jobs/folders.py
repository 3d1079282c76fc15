"""The folders that jobs may read from and write to; everything else is out of their reach."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from biometrics.errors import ConfigurationInvalid, FieldInvalid


@dataclass(frozen=True, slots=True)
class JobFolders:
    """Checks paths that callers name.

    Links are followed before a path is checked, so that none leads out. Whoever can change the folders while a job
    runs can put a link there after the check: give nobody else the right to write into them.

    Args:
        roots: absolute, without links; empty: no path is allowed.
    """

    roots: tuple[Path, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The folders of a setting, separated as in PATH.

        Raises:
            ConfigurationInvalid: one is no absolute path of a folder that exists.
        """
        roots = [Path(each) for each in text.split(os.pathsep) if each]
        for each in roots:
            if not each.is_absolute() or not each.is_dir():
                raise ConfigurationInvalid(
                    "BIOFUSION_JOB_FOLDERS names something that is no absolute path of a folder."
                )
        return cls(tuple(each.resolve() for each in roots))

    def to_read(self, path: str, field: str) -> Path:
        """An existing file or folder in one of the folders, without links.

        Args:
            path: absolute, or relative to one of the folders; the first that has it counts.
            field: path of the field on the wire.

        Raises:
            FieldInvalid: it is not there, or outside.
        """
        for each in self._candidates(path, field, self.roots):
            if os.path.exists(each):  # noqa: PTH110 - as Path.exists raises an error for a name that is too long
                return each
        raise FieldInvalid(field, "there is no such file or folder in the folders of BIOFUSION_JOB_FOLDERS.")

    def to_write(self, path: str, field: str) -> Path:
        """A path that does not exist yet, in a folder that does; a relative one is in the first of the folders.

        Raises as `to_read`.
        """
        for each in self._candidates(path, field, self.roots if path.startswith("/") else self.roots[:1]):
            if os.path.isdir(each.parent) and not os.path.lexists(each):  # noqa: PTH112 - as above
                return each
        raise FieldInvalid(
            field, "name a new file or folder in an existing one, within the folders of BIOFUSION_JOB_FOLDERS."
        )

    def _candidates(self, path: str, field: str, roots: Sequence[Path]) -> list[Path]:
        if not path or "\0" in path or ".." in Path(path).parts:
            raise FieldInvalid(field, "a path without `..` is needed.")
        try:
            resolved = [(root, (root / path).resolve()) for root in roots]
            return [each for root, each in resolved if each.is_relative_to(root)]
        except (OSError, RuntimeError, ValueError):
            raise FieldInvalid(field, "this path cannot be used.") from None
