"""Campaigns on the audit log."""
