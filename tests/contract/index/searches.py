"""Probe, position and store type shared by the tests of an index."""

from __future__ import annotations

from collections.abc import Callable

from biometrics.template import Position
from gallery.store.port import SubjectStore
from tests.support.builders import vector

OpenStore = Callable[..., SubjectStore]
PROBE = vector([1, 0, 0, 0])
FINGER = Position.RIGHT_INDEX
