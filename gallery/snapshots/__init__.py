"""Sealed snapshots of the references of one partition and modality, from which an index is loaded without the store."""
