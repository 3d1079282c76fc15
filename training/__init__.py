"""Training of the project's own networks; no service imports this package."""

from infra.extras import tell_plainly

tell_plainly()  # before the first import that may fail
