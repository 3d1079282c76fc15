"""Power cuts without a power cut: a process's writes are recorded, and only what was synced is put on a new disk."""
