"""One-off measurements behind the decisions in docs/decisions. Not in the wheel, not imported by the product."""

from infra.extras import tell_plainly

tell_plainly()  # before the first import that may fail
