"""What the bytes of a backend's rows mean."""
