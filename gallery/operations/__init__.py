"""What is done to a whole store: counted, verified, moved, archived, reconciled."""
