"""Names a function by where it is imported from, so that another process can call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from biometrics.errors import ConfigurationInvalid


@dataclass(frozen=True)
class Importable:
    """A function or class, and the arguments to call it with.

    Ray keeps the arguments of an actor: pass no password or key, but where each machine finds it.

    Args:
        path: module and name, e.g. "services.face.comparator:FaceComparator".
        arguments: keyword arguments; picklable.
    """

    path: str
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def make(self, *first: Any) -> Any:
        """Import the function and call it with these positional arguments and its own.

        Raises:
            ConfigurationInvalid: there is no such module or name.
        """
        module, _, name = self.path.partition(":")
        try:
            made = getattr(import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigurationInvalid(
                f"{self.path} cannot be imported. Write module:name, and install the same version on every machine."
            ) from error
        return made(*first, **self.arguments)
