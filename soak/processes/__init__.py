"""Processes of a campaign: services under test, load generators, and searching a process's memory."""
