"""Who competes with whom for a process, and a queue that serves them in turn."""
