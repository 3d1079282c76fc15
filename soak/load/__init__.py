"""Campaigns of load: more than can be done, costly or hostile calls, and load that lasts."""
