"""Who calls, and what for: callers, their intents, and the visit that a call is."""
