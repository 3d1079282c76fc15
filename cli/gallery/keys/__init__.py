"""`biofusion gallery new-key`, `rotate-keys`, `destroy-keys`."""
