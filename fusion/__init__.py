"""The fusion service: enrolment, verification and identification. It reaches the matching services by gRPC only."""

from infra.wire.connections import quiet

quiet(level="ERROR")  # here, as gRPC reads its log level when it is imported, and this module is imported before it
