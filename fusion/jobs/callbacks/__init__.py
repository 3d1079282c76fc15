"""Callbacks: a signed message to an allowed origin when a job has come to its end."""
