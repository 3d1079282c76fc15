"""The index of one modality in memory: kept current from the change feed, and searched."""
