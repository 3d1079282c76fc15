"""Connections to Redis: one server, the primary that Sentinels name, or the primaries of a cluster."""
