"""Processes of a campaign: services, load, and what is in their memory."""
