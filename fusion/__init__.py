"""Floor 2: the decision. It reaches the matching services by wire only."""

from infra.wire.connections import quiet

quiet(level="ERROR")  # here, as gRPC reads it when it is imported, and a service's modules import it first
