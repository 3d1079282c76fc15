"""Decisions of another system beside those of this one, during a migration: how often they agree, and where not."""
