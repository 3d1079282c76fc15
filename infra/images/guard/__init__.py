"""The guarded decoder: `guard` on the service's side, `worker` inside the process that can be killed."""
