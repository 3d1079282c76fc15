"""Floor 1: who is enrolled. The store is the truth, an index is a disposable copy of it."""
