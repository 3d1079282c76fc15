"""Floor 2: the three matching services. They never import each other."""

from infra.extras import tell_plainly
from infra.wire.connections import quiet

quiet(level="ERROR")  # here, as gRPC reads it when it is imported, and a service's modules import it first
tell_plainly()  # here, before the first import that may fail
