"""What tests of an index search for, and what opens their stores."""

from __future__ import annotations

from collections.abc import Callable

from biometrics.template import Position
from gallery.store.port import SubjectStore
from tests.support.builders import vector

OpenStore = Callable[..., SubjectStore]
PROBE = vector([1, 0, 0, 0])
FINGER = Position.RIGHT_INDEX
