"""What identity, policy and records cost a call."""
