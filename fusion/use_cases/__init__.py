"""The use cases of the service: enrol, verify, identify."""
