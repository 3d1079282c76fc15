"""Training of the project's own networks; no service imports this package."""
