"""The store on a Redis server: one script per write, the change feed as a stream."""
