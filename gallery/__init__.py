"""Enrolled subjects: the store, which is the system of record, and the in-memory index, a disposable copy of it."""
