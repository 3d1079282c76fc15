"""`biofusion demo`: sample people, or people built from a directory, from start to end."""
