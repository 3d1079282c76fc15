"""What ours is measured against and by: echoes, callers, processes, matchers of others."""
