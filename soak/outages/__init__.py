"""Campaigns of outages: processes that freeze, end, are added or restarted."""
