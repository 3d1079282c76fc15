"""Enrol, verify, identify."""
