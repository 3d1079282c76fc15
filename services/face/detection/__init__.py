"""Which faces an image shows, how they are turned, and which one is described."""
