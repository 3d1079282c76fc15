"""Speed of review cases."""
