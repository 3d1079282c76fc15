"""One-off measurements behind the decisions in docs/decisions. Not in the wheel, not imported by the product."""
