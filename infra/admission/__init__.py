"""Admission of calls by estimated cost, deadline, concurrency and message memory, before their work begins."""
