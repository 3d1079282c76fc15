"""Layer 2: the three matching services. They never import each other."""

from infra.extras import tell_plainly
from infra.wire.connections import quiet

quiet(level="ERROR")  # here: gRPC reads it at import, and every service imports this package first
tell_plainly()  # before the first import that may fail
