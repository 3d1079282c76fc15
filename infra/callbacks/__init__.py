"""Callbacks: signed messages to origins that the operator allows."""
