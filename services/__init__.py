"""Floor 2: the three matching services. They never import each other."""

from infra.wire.connections import quiet

quiet(level="ERROR")  # here, as gRPC reads it when it is imported, and a service's modules import it first
