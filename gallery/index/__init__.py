"""In-memory index of one modality: kept current from the change feed, and searched."""
