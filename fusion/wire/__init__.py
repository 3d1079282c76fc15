"""Requests and answers: wire ↔ domain."""
