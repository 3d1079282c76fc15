"""Long-running jobs: rows of work in the store, done by workers with leases, each result written once."""
