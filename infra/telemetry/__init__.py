"""What operators see of a service: metrics and traces, free while nobody listens."""
