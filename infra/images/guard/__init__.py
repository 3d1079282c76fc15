"""The guarded decoder: `guard` for the caller, `worker` inside the process that can be killed."""
