"""`biofusion demo`: enrol and identify sample people, or people built from a directory."""
