"""Review: cases in which two persons look at what a decision left open, and a supervisor if they disagree."""

from infra.extras import tell_plainly
from infra.wire.connections import quiet

quiet(level="ERROR")  # here, as gRPC reads its log level when it is imported, and this module is imported before it
tell_plainly()  # before the first import that may fail
